"""Requests drawn at random: reads, versions, histories and searches of every form, in and out of cohorts."""

import random
from collections.abc import Iterator
from urllib.parse import urlencode

from proxied_hospital import CATEGORY, LABELS, LOINC, PATIENTS

from lab.fhir.view import View

_IDS = {
    "Patient": (*PATIENTS, "unknown"),
    "Encounter": tuple(f"e-{id_}" for id_ in PATIENTS),
    "Observation": (
        *(f"o-{id_}-{m}" for id_ in PATIENTS for m in range(3)),
        *("tie-inside", "tie-outside", "tie-reverse", "by-self", "of-nobody"),
    ),
    "Condition": tuple(f"c-{id_}" for id_ in PATIENTS),
    "Appointment": ("both", "mixed"),
    "Organization": ("chu", "annex", "open"),
    "Practitioner": ("doctor",),
    "Group": ("oncology", "cardiology", "nobody"),
    "List": ("watch", "mine"),
}
_TOKENS = {
    "Patient": [
        ("gender", ("male", "female")),
        ("gender:not", ("male",)),
        ("active:missing", ("true", "false")),
    ],
    "Encounter": [("status", ("finished", "in-progress")), ("class", ("IMP",))],
    "Observation": [
        ("code", ("718-7", f"{LOINC}|2345-7", "718-7,6690-2")),
        ("code:not", ("718-7",)),
        ("category", ("laboratory", f"{CATEGORY}|vital-signs")),
        ("date", ("2026-03-03", "ge2026-03-05", "lt2026-03-04")),
        ("value-quantity", ("gt13", "lt12|http://unitsofmeasure.org|g/dL", "10.5")),
        ("code-value-quantity", ("718-7$gt12",)),
    ],
    "Condition": [("code", ("C0", "C1,C2"))],
    "Appointment": [("status", ("booked",))],
    "Organization": [("name", ("chu", "o")), ("name:exact", ("CHU",))],
    "Practitioner": [("family", ("curie",))],
    "Group": [("type", ("person",))],
    "List": [("status", ("current",))],
}
_MORE = {
    "Patient": [
        ("family", ("lefevre", "MAR", "baker")),
        ("name:contains", ("et",)),
        ("birthdate", ("1953", "gt1955-01-01")),
        ("identifier", ("urn:test|ipp-p1", "ipp-p9")),
        ("_security", (f"{LABELS}|VIP", "TAG_1")),
    ],
}
_REFERENCES = {
    "Encounter": ("patient", "subject", "subject:Patient"),
    "Observation": ("patient", "subject", "performer", "performer:Patient"),
    "Condition": ("patient", "subject", "asserter"),
    "Appointment": ("actor", "patient"),
    "List": ("subject", "patient"),
}
_CHAINS = {
    "Patient": ("organization.name", "general-practitioner:Practitioner.family"),
    "Encounter": ("subject:Patient.family", "patient.gender", "patient.organization.name"),
    "Observation": ("patient.family", "encounter.status", "performer:Patient.gender", "performer.name"),
    "Condition": ("patient.identifier", "asserter:Patient.family"),
}
_CHAINED = {
    "name": ("chu", "annex"),
    "family": ("martin", "curie"),
    "gender": ("male",),
    "status": ("finished",),
}
_CHAINED["identifier"] = ("ipp-p1", "ipp-p10")
_HAS = {
    "Patient": ("Observation:patient:code", "Observation:performer:code", "Condition:asserter:code"),
    "Encounter": ("Observation:encounter:code",),
    "Organization": ("Patient:organization:family",),
}
_HAS_VALUES = {"code": ("718-7", "C1", "2345-7"), "family": ("baker",)}
_INCLUDES = {
    "Patient": ("Patient:organization", "Patient:general-practitioner"),
    "Encounter": ("Encounter:subject", "Encounter:service-provider"),
    "Observation": ("Observation:subject", "Observation:encounter", "Observation:performer:Patient"),
    "Condition": ("Condition:asserter",),
}
_REVINCLUDES = {
    "Patient": ("Observation:patient", "Condition:asserter", "Encounter:subject", "Observation:performer"),
    "Encounter": ("Observation:encounter",),
    "Organization": ("Patient:organization", "Encounter:service-provider"),
}
_SORTS = {
    "Patient": ("birthdate", "-birthdate", "_id"),
    "Observation": ("-date", "_id"),
    "Encounter": ("date",),
}


def requests(view: View, seed: str) -> Iterator[str]:
    """Yield requests on the types of a view without end: level 3 of the gateway refuses the others."""
    draw = random.Random(seed)  # noqa: S311 - to be drawn again
    while True:
        url = drawn(draw)
        if view.sees(url.partition("/")[0].partition("?")[0]):
            yield url


def drawn(draw: random.Random) -> str:
    """Return the URL of one request."""
    type_ = draw.choice(tuple(_IDS))
    kind = draw.random()
    if kind < 0.2:
        return f"{type_}/{draw.choice(_IDS[type_])}"
    if kind < 0.25:
        return f"{type_}/{draw.choice(_IDS[type_])}/_history/{draw.choice('12')}"
    if kind < 0.3:
        return f"{type_}/{draw.choice(_IDS[type_])}/_history"
    return f"{type_}?{urlencode(_search(draw, type_))}"


def _search(draw: random.Random, type_: str) -> list[tuple[str, str]]:
    pairs = [
        pair
        for chance, pick in ((0.5, _own), (0.35, _reference), (0.2, _id), (0.2, _chain), (0.15, _reverse))
        if draw.random() < chance
        for pair in pick(draw, type_)
    ]
    if draw.random() < 0.3:
        pairs.append(("_count", draw.choice(("1", "2", "3", "7", "0"))))
    if draw.random() < 0.2:
        pairs.append(("_total", "accurate"))
    if draw.random() < 0.2 and type_ in _SORTS:
        pairs.append(("_sort", draw.choice(_SORTS[type_])))
    for name, of in (("_include", _INCLUDES), ("_revinclude", _REVINCLUDES)):
        if draw.random() < 0.2 and type_ in of:
            pairs.append((name, draw.choice(of[type_])))
    if draw.random() < 0.05:
        pairs.append(("_include:iterate", "Encounter:subject"))
    return pairs


def _own(draw: random.Random, type_: str) -> list[tuple[str, str]]:
    name, values = draw.choice([*_TOKENS[type_], *_MORE.get(type_, ())])
    return [(name, draw.choice(values))]


def _reference(draw: random.Random, type_: str) -> list[tuple[str, str]]:
    if type_ not in _REFERENCES:
        return []
    name = draw.choice(_REFERENCES[type_])
    ids = draw.sample(PATIENTS, draw.choice((1, 1, 2)))
    return [(name, ",".join(f"Patient/{id_}" for id_ in ids))]


def _id(draw: random.Random, type_: str) -> list[tuple[str, str]]:
    ids = _IDS[type_]
    return [("_id", ",".join(draw.sample(ids, min(len(ids), draw.choice((1, 2, 5))))))]


def _chain(draw: random.Random, type_: str) -> list[tuple[str, str]]:
    if type_ not in _CHAINS:
        return []
    chain = draw.choice(_CHAINS[type_])
    return [(chain, draw.choice(_CHAINED[chain.rpartition(".")[2]]))]


def _reverse(draw: random.Random, type_: str) -> list[tuple[str, str]]:
    if type_ not in _HAS:
        return []
    has = draw.choice(_HAS[type_])
    return [(f"_has:{has}", draw.choice(_HAS_VALUES[has.rpartition(":")[2]]))]
