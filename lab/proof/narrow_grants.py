"""Random Permissions that close one thing: a few masks over a hospital that is open, or one cohort's edge.

Specs: https://hl7.org/fhir/R5/permission.html, the package hl7.fhir.uv.dap, and ``docs/five-levels.md``
"""

from collections.abc import Sequence
from random import Random

from lab.proof.contents import CATEGORIES, IDS
from lab.proof.grants import BOTH, INS_ONLY, READS, WRITES, Drawing, Grant, permission
from lab.proof.world import Json

_OPEN = frozenset({"Organization", "Practitioner"})
_THEMES = (
    ("Patient.name", "Patient.telecom", "Patient.address"),
    ("Patient.contact.name", "Patient.contact.telecom", "Patient.telecom"),
    ("Observation.effective",),
    ("Observation.effective", "Encounter.period", "ImagingStudy.started", "Condition.recordedDate"),
    ("Observation.subject", "Condition.subject", "Encounter.subject", "ImagingStudy.subject"),
    ("Observation.category", "Observation.code", "Observation.value"),
    ("Observation.value", "Observation.component.value", "Observation.note", "Observation.status"),
    (
        *("Patient.managingOrganization", "Patient.generalPractitioner", "Observation.performer"),
        *("Encounter.serviceProvider", "Observation.encounter", "Condition.encounter"),
    ),
)
"""Elements that tell of each other: one of them masked and the next one not is where holes are."""

_SYSTEMS = ((INS_ONLY,), (INS_ONLY,), (BOTH,), ("Patient.identifier",))


def masked(chance: Random, client_id: str, *, simple: bool = False) -> Grant:  # noqa: ARG001 - always is
    """Draw a grant of one to three masks of one theme over a hospital that is mostly open."""
    theme = chance.choice(_THEMES)
    masks = chance.sample(theme, min(len(theme), chance.choice([1, 1, 2, 3])))
    told = {mask.partition(".")[0] for mask in theme}
    return _open_but_for(masks, {"Patient", "Observation", "Encounter", *_OPEN, *told}, chance, client_id)


def identified(chance: Random, client_id: str, *, simple: bool = False) -> Grant:  # noqa: ARG001 - always is
    """Draw a grant under which patients are known by some of their identifiers only."""
    return _open_but_for(chance.choice(_SYSTEMS), {"Patient", "Observation", *_OPEN}, chance, client_id)


def edged(chance: Random, client_id: str, *, simple: bool = False) -> Grant:
    """Draw a grant of one cohort and no mask, every other one with a granular scope."""
    drawn = {type_ for type_ in sorted(IDS) if chance.random() < (0.4 if type_ == "List" else 0.9)}
    types = sorted({*drawn, "Patient", "Observation"})
    scopes = "system/*.cruds"
    if chance.random() < 0.5:
        others = (f"system/{type_}.cruds" for type_ in types if type_ != "Observation")
        scopes = " ".join((*others, f"system/Observation.cruds?category={chance.choice(CATEGORIES)}"))
    return _grant(_drawing(chance, client_id, simple=simple), types, 0.25, [], scopes)


def _open_but_for(masks: Sequence[str], types: set[str], chance: Random, client_id: str) -> Grant:
    drawing = _drawing(chance, client_id, simple=True)
    return _grant(drawing, sorted(types), 0.7, list(masks), "system/*.cruds")


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
