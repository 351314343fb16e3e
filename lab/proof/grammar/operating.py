"""Scenes of operations: compartments, last observations, exports, validation.

Spec: https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

from collections.abc import Iterator

from lab.proof.grammar.drawer import JSON, Drawer
from lab.proof.grammar.searches import encoded
from lab.proof.grammar.step import Step
from lab.proof.grammar.written import instant

_ASYNC = ("prefer", "respond-async")


def everything(drawer: Drawer) -> Iterator[Step]:
    """Ask for a compartment."""
    type_, chance = drawer.chance.choice(["Patient", "Patient", "Patient", "Encounter"]), drawer.chance
    query = []
    if chance.random() < 0.3:
        query.append(("_count", chance.choice(["1", "3", "50"])))
    if chance.random() < 0.2:
        query.append(("_type", chance.choice(["Observation", "Patient,Encounter", "Condition,Practitioner"])))
    if chance.random() < 0.1:
        query.append((chance.choice(["start", "end"]), "2026-02-01"))
    if chance.random() < 0.15:
        query.append(("_since", instant(chance)))
    first = drawer.step(
        "GET", f"{type_}/{drawer.seen_id(type_)}/$everything", encoded(query), kind="$everything"
    )
    yield first
    if query and chance.random() < 0.5:
        yield drawer.step("GET", first.path, f"{{next:{first.number}}}", kind="$everything")


def lastn(drawer: Drawer) -> Iterator[Step]:
    """Ask for the last observations."""
    chance = drawer.chance
    query = [("patient", f"Patient/{drawer.seen_id('Patient')}")]
    if chance.random() < 0.6:
        query.append(("max", chance.choice(["1", "2", "x"])))
    if chance.random() < 0.3:
        query.append(("category", "laboratory"))
    yield drawer.step("GET", "Observation/$lastn", encoded(query), kind="$lastn")


def exporting(drawer: Drawer) -> Iterator[Step]:
    """Export, ask for the status, read a file."""
    chance = drawer.chance
    group = f"Group/{drawer.seen_id('Group')}/$export"
    path = chance.choice(["$export", "$export", "Patient/$export", group])
    query = []
    if chance.random() < 0.5:
        filled = [type_ for type_ in drawer.types if drawer.words.shows(type_)] or drawer.types
        query.append(("_type", ",".join(chance.sample(filled, min(2, len(filled))))))
    if chance.random() < 0.15:
        query.append(("_since", instant(chance)))
    if chance.random() < 0.15:
        type_ = drawer.type()
        query.append(("_typeFilter", f"{type_}?{drawer.search(type_)}"))
    first = drawer.step("GET", path, encoded(query), headers=(_ASYNC,), kind="$export")
    yield first
    status = drawer.step("GET", f"$export-status/{{job:{first.number}}}", kind="$export-status")
    yield status
    for place in ("first", "last"):
        yield drawer.step("GET", f"{{{place}:{status.number}}}", kind="$export-file")
    yield drawer.step("DELETE", status.path, kind="$export-status")


def validating(drawer: Drawer) -> Iterator[Step]:
    """Validate a resource that is sent, or one that is there."""
    type_, chance = drawer.type(), drawer.chance
    if chance.random() < 0.7:
        yield drawer.step("GET", f"{type_}/{drawer.id(type_)}/$validate", kind="$validate")
    else:
        body = drawer.body(type_, "x")
        yield drawer.step("POST", f"{type_}/$validate", headers=(JSON,), body=body, kind="$validate")
