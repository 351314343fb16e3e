"""Identifiers have right keys, and are numbers that no living person or professional can hold."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from synthetic_data.verification.blocks import Block
from synthetic_data.verification.checking import (
    Check,
    Defect,
    Gathered,
    Judgement,
    Readings,
    found,
    judged_by_defects,
)
from synthetic_data.verification.hospital import Hospital
from synthetic_data.verification.instants import Texts
from synthetic_data.verification.keys import Flags
from synthetic_data.verification.national_numbers import (
    is_out_of_reach,
    matches_birth,
    right_key,
    right_luhn,
    well_formed,
)

NAME = "identifiers"
_INS_ROOT = b"urn:oid:1.2.250.1.213.1.4."  # the register of the INS, real and test
_INS_TEST = b"urn:oid:1.2.250.1.213.1.4.10"
_RPPS = {b"https://rpps.esante.gouv.fr": 11, b"urn:oid:1.2.250.1.71.4.2.1": 12}
# Numbers that ARCEP keeps for works of fiction.
_FICTION = ("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49", "06 39 98")
_SAFE_DOMAINS = ("example.org", "example.com", "example.net", ".example", ".invalid", ".test")


def _gather(block: Block, _hospital: Hospital) -> Mapping[str, Any]:
    defects: list[Defect] = []
    issued: list[Texts] = []
    count = 0
    for path in block.ranks("identifier", "system"):
        system, value = block.text(path), block.text(path.removesuffix("system") + "value")
        ins = np.char.startswith(system, _INS_ROOT)
        defects += found(
            NAME, block, ins & (system != _INS_TEST), "system of the INS", _INS_TEST.decode(), system
        )
        if block.type == "Patient" and ins.any():
            defects += _national(block, ins, value)
            issued.append(value[ins])
        for name, length in _RPPS.items():
            defects += _professional(block, system == name, value, length)
        count += int((system != b"").sum())
    defects += _telecoms(block)
    return {"defects": defects, "issued": issued, "checked identifiers": count}


def _national(block: Block, ins: Flags, value: Texts) -> Iterator[Defect]:
    formed = well_formed(value)
    yield from found(NAME, block, ins & ~formed, "form of the INS", "15 characters of a NIR", value)
    formed &= ins
    yield from found(NAME, block, formed & ~right_key(value), "key of the INS", "97 - number mod 97", value)
    reachable = formed & ~is_out_of_reach(value)
    yield from found(
        NAME, block, reachable, "INS that a person may hold", "commune 991-999, 91-99 overseas", value
    )
    other = formed & ~matches_birth(value, block.text("gender"), block.text("birthDate"))
    yield from found(NAME, block, other, "sex and birth in the INS", "those of the patient", value)


def _professional(block: Block, rows: Flags, value: Texts, length: int) -> Iterator[Defect]:
    """Check RPPS numbers: 99 and a Luhn key; the national form puts an 8 before them."""
    if not rows.any():
        return
    sized = np.char.str_len(value) == length
    number = (
        value
        if length == 11
        else value.astype("S12").view("S1").reshape(-1, 12)[:, 1:].copy().view("S11")[:, 0]
    )
    right = sized & np.char.isdigit(value) & right_luhn(number)
    yield from found(NAME, block, rows & ~right, "key of the RPPS", "11 digits with a Luhn key", value)
    ours = np.char.startswith(number, b"99")
    yield from found(
        NAME, block, rows & ~ours, "RPPS that a person may hold", "a number that begins with 99", value
    )


def _telecoms(block: Block) -> Iterator[Defect]:
    for parent in ("telecom", "contact[0].telecom", "contact[1].telecom"):
        for path in block.ranks(parent, "system"):
            system, value = block.text(path), block.text(path.removesuffix("system") + "value")
            spaced = np.char.replace(value, b".", b" ")
            fiction = np.any([np.char.startswith(spaced, start.encode()) for start in _FICTION], axis=0)
            phone = np.isin(system, (b"phone", b"fax", b"sms"))
            yield from found(NAME, block, phone & ~fiction, "phone number", "a range kept for fiction", value)
            safe = np.any([np.char.endswith(value, domain.encode()) for domain in _SAFE_DOMAINS], axis=0)
            yield from found(NAME, block, (system == b"email") & ~safe, "e-mail", "an example domain", value)


def _judge(hospital: Hospital, gathered: Sequence[Gathered], readings: Readings) -> Judgement:
    judgement = judged_by_defects(hospital, gathered, readings)
    columns = [column.astype("S15") for part in gathered for column in part.values["issued"]]
    numbers = np.sort(np.concatenate(columns)) if columns else np.empty(0, "S15")
    repeated = numbers[1:][numbers[1:] == numbers[:-1]]
    defects = judgement.defects
    if len(repeated):
        seen = repeated[0].decode(errors="replace")
        file = next(part.file for part in gathered if part.values["issued"])
        defects += (Defect(NAME, file, "INS given twice", "each INS once", seen, "", len(repeated)),)
    return Judgement(defects, {**judgement.numbers, "INS": len(numbers)}, applicable=judgement.applicable)


CHECK = Check(
    NAME,
    "INS, RPPS, phones and e-mails: right keys, out of reach of living persons",
    _judge,
    _gather,
    frozenset({"Patient", "Practitioner", "RelatedPerson", "Organization", "Location", "PractitionerRole"}),
)
