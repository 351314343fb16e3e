"""The answer key says what the resources say: cohorts, masks and searches counted again from the bytes.

Searches whose answer needs several types at once are left to the tests, which recompute the whole key.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from synthetic_data.verification.blocks import Block
from synthetic_data.verification.checking import Check, Defect, Gathered, Judgement, Readings, total
from synthetic_data.verification.folder import ANSWERS
from synthetic_data.verification.hospital import Hospital
from synthetic_data.verification.keys import Flags

NAME = "answers"
_INS = b"urn:oid:1.2.250.1.213.1.4.10"
Counted = Callable[[Block], Flags]


def _is(path: str, value: bytes) -> Counted:
    return lambda block: block.text(path) == value


def _present(*paths: str) -> Counted:
    return lambda block: np.logical_or.reduce([block.text(path) != b"" for path in paths])


def _class(code: bytes) -> Counted:
    return lambda block: (block.text("class.code") == code) & (block.keys("partOf.reference").space < 0)


def _coded_above(loinc: bytes, bound: float) -> Counted:
    def above(block: Block) -> Flags:
        rows = block.text("code.coding[0].code") == loinc
        chosen = np.zeros(len(block), bool)
        chosen[rows] = block.numbers("valueQuantity.value", rows) > bound
        return chosen

    return above


def _modality(*codes: bytes) -> Counted:
    def of(block: Block) -> Flags:
        found = [np.isin(block.text(path), codes) for path in block.ranks("modality", "code")]
        return np.logical_or.reduce(found) if found else np.zeros(len(block), bool)

    return of


# What a search or a mask of the key counts, for those that one type answers.
_SEARCHES: Mapping[str, tuple[str, Counted]] = {
    "Patient?gender=female": ("Patient", _is("gender", b"female")),
    "Patient?deceased=true": ("Patient", _present("deceasedDateTime")),
    "Patient?identifier=urn:oid:1.2.250.1.213.1.4.10|": ("Patient", _is("identifier[0].system", _INS)),
    "Encounter?class=AMB": ("Encounter", _class(b"AMB")),
    "Encounter?class=EMER": ("Encounter", _class(b"EMER")),
    "Encounter?class=SS": ("Encounter", _class(b"SS")),
    "Observation?category=laboratory": (
        "Observation",
        _is("category[0].coding[0].code", b"laboratory"),
    ),
    "Observation?code=http://loinc.org|718-7": ("Observation", _is("code.coding[0].code", b"718-7")),
    "Observation?code=http://loinc.org|4548-4&value-quantity=gt7|http://unitsofmeasure.org|%": (
        "Observation",
        _coded_above(b"4548-4", 7),
    ),
    "Observation?code=http://loinc.org|67151-1&value-quantity=gt100|http://unitsofmeasure.org|ng/L": (
        "Observation",
        _coded_above(b"67151-1", 100),
    ),
    "ImagingStudy?modality=http://dicom.nema.org/resources/ontology/DCM|MR": (
        "ImagingStudy",
        _modality(b"MR"),
    ),
    "ImagingStudy?modality=http://dicom.nema.org/resources/ontology/DCM|PT": (
        "ImagingStudy",
        _modality(b"PT"),
    ),
    "ImagingStudy?modality=http://dicom.nema.org/resources/ontology/DCM|CT": (
        "ImagingStudy",
        _modality(b"CT"),
    ),
}
_MASKS: Mapping[str, Counted] = {
    "Patient.telecom": _present("telecom[0].system", "telecom[0]._system.extension[0].url"),
    "Patient.contact": _present("contact[0].name.family"),
    "Patient.deceased": _present("deceasedDateTime"),
}


def _gather(block: Block, _hospital: Hospital) -> Mapping[str, Any]:
    counts = {
        search: int(of(block).sum()) for search, (type_, of) in _SEARCHES.items() if type_ == block.type
    }
    if block.type == "Patient":
        counts |= {mask: int(of(block).sum()) for mask, of in _MASKS.items()}
    if block.type != "Group":
        return counts
    groups = [block.resource(row) for row in range(len(block)) if row not in block.broken]
    return {"groups": {str(group["id"]): _members(group) for group in groups}}


def _members(group: Mapping[str, Any]) -> list[str]:
    return [member["entity"]["reference"].partition("/")[2] for member in group.get("member", [])]


def _judge(hospital: Hospital, gathered: Sequence[Gathered], _readings: Readings) -> Judgement:
    key = hospital.folder.path / ANSWERS
    if not key.is_dir():
        return Judgement(notes=("no answer key",), applicable=False)
    defects: list[Defect] = []
    searches = {line["search"]: line["count"] for line in _lines(key / "queries.ndjson")}
    masks = {line["element"]: line["patients"]["*"] for line in _lines(key / "masks.ndjson")}
    for asked, told in (searches | masks).items():
        if asked in _SEARCHES or asked in _MASKS:
            seen = int(total(gathered, asked))
            if seen != told:
                defects.append(Defect(NAME, f"{ANSWERS}/", asked, f"{told} as in the key", f"{seen}"))
    groups: dict[str, list[str]] = {}
    for part in gathered:
        groups |= part.values.get("groups", {})
    cohorts = list(_lines(key / "cohorts.ndjson"))
    for cohort in cohorts:
        if groups.get(cohort["group"]) != cohort["patients"] or cohort["count"] != len(cohort["patients"]):
            expected = f"{cohort['count']} members of {cohort['group']}, as in the key"
            defects.append(Defect(NAME, f"{ANSWERS}/cohorts.ndjson", cohort["cohort"], expected, "others"))
    known = sum(asked in _SEARCHES or asked in _MASKS for asked in searches | masks)
    return Judgement(
        tuple(defects), {"counted again": known, "of": len(searches | masks), "cohorts": len(cohorts)}
    )


def _lines(path: Path) -> list[dict[str, Any]]:
    """Read a file of the key; one that is damaged holds nothing, and `digests` says so."""
    try:
        return [orjson.loads(line) for line in path.read_bytes().splitlines()]
    except (OSError, orjson.JSONDecodeError):
        return []


CHECK = Check(
    NAME,
    "the answer key says what the resources say",
    _judge,
    _gather,
    frozenset({"Patient", "Encounter", "Observation", "ImagingStudy", "Group"}),
)
