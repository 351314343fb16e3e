"""Random Permissions that close one thing: a few masks over a hospital that is open, or one cohort's edge.

Specs: https://hl7.org/fhir/R5/permission.html, the package hl7.fhir.uv.dap, and ``docs/five-levels.md``
"""

from collections.abc import Sequence
from random import Random

from lab.proof.contents import CATEGORIES, IDS
from lab.proof.grants import BOTH, INS_ONLY, READS, WRITES, Drawing, Grant, permission
from lab.proof.world import Json

_OPEN = frozenset({"Organization", "Practitioner"})
CONTENTS = (
    ("Patient.name", "Patient.telecom", "Patient.address"),
    ("Patient.contact.name", "Patient.contact.telecom", "Patient.telecom"),
    ("Observation.category", "Observation.code", "Observation.value"),
    ("Observation.value", "Observation.component.value", "Observation.note", "Observation.status"),
)
DATES = (
    ("Observation.effective",),
    ("Observation.effective", "Encounter.period", "ImagingStudy.started", "Condition.recordedDate"),
)
REFERENCES = (
    ("Observation.subject", "Condition.subject", "Encounter.subject", "ImagingStudy.subject"),
    ("Patient.managingOrganization", "Patient.generalPractitioner"),
    ("Observation.performer", "Encounter.serviceProvider", "Observation.encounter", "Condition.encounter"),
)
MANDATORY = (
    ("Observation.status", "Observation.code"),
    ("Encounter.status", "Encounter.class"),
    ("Condition.subject", "ImagingStudy.status", "ImagingStudy.subject"),
)
SYSTEMS = ((INS_ONLY,), (INS_ONLY,), (BOTH,), ("Patient.identifier",))
"""Elements that tell of each other: one of them masked and the next one not is where holes are."""


def masked(
    themes: Sequence[Sequence[str]],
    chance: Random,
    client_id: str,
    *,
    simple: bool = False,  # noqa: ARG001 - always is
) -> Grant:
    """Draw a grant of one to three masks of one theme over a hospital that is mostly open."""
    theme = chance.choice(themes)
    masks = chance.sample(theme, min(len(theme), chance.choice([1, 1, 2, 3])))
    told = (mask.partition(".")[0] for mask in theme)
    drawing = _drawing(chance, client_id, simple=True)
    types = sorted({"Patient", "Observation", "Encounter", *_OPEN, *told})
    return _grant(drawing, types, 0.7, masks, "system/*.cruds")


def edged(chance: Random, client_id: str, *, simple: bool = False) -> Grant:
    """Draw a grant of one cohort and no mask, every other one with a granular scope."""
    drawn = {type_ for type_ in sorted(IDS) if chance.random() < (0.4 if type_ == "List" else 0.9)}
    types = sorted({*drawn, "Patient", "Observation"})
    scopes = "system/*.cruds"
    if chance.random() < 0.5:
        others = (f"system/{type_}.cruds" for type_ in types if type_ != "Observation")
        scopes = " ".join((*others, f"system/Observation.cruds?category={chance.choice(CATEGORIES)}"))
    return _grant(_drawing(chance, client_id, simple=simple), types, 0.25, [], scopes)


def _drawing(chance: Random, client_id: str, *, simple: bool) -> Drawing:
    return Drawing(chance, client_id, "R5" if chance.random() < 0.6 else "R6", simple=simple)


def _grant(drawing: Drawing, types: list[str], open_: float, masks: list[str], scopes: str) -> Grant:
    """Return a grant of one rule with one pool, which closes each type but for the share that is open."""
    pool = drawing.pool()
    data: list[Json] = []
    for type_ in types:
        whole = type_ in _OPEN or drawing.chance.random() < open_
        data.append({**({} if whole else pool), **drawing.type(type_)})
    rule = drawing.rule("permit", data, [*READS, *WRITES], masks)
    source = permission(drawing.client_id, drawing.form, "deny-unless-permit", [rule])
    return Grant(drawing.client_id, source, scopes, drawing.form)
