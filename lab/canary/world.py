"""The whole of what is planted: one world, or a second one that the restricted identity cannot tell from it.

What differs in the second: the values that masks hide, everything about patients outside the cohort, and
which of them there are (promise P2 of the five-levels reference).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lab.canary.ink import Ink
from lab.canary.people import doctor, patient, relative, site
from lab.canary.records import binary, condition, document, encounter, observation, to
from lab.canary.shapes import INSIDE, OUTSIDE, shapes
from lab.checking.canary import COHORT, CONTACT, OPPOSED, OTHER, Canary
from lab.fhir.element_path import parse_path
from lab.model.target import ServerRole

Json = dict[str, Any]
_IN = tuple(f"canary-in-{n}" for n in range(1, 7))
_OUT = {"one": (1, 2, 3, 4, 5, 6), "two": (1, 2, 4, 6, 7, 8, 9)}
_OPPOSED = ("canary-opposed-1", "canary-opposed-2")
_PER_PATIENT = 4


@dataclass(frozen=True)
class World:
    """``resources`` in an order in which they can be written: what is referred to comes first."""

    resources: tuple[Json, ...]
    canary: Canary


def world(server: ServerRole, seed: int, side: Literal["one", "two"] = "one") -> World:
    """Draw a world for the identities of an application."""
    restricted = server.identity("restricted")
    ink = Ink(seed, side, tuple(parse_path(path) for path in (restricted.masked if restricted else ())))
    out = tuple(f"canary-out-{n}" for n in _OUT[side])
    groups = {COHORT: _IN, OTHER: (_IN[0], *out[:2]), OPPOSED: _OPPOSED, CONTACT: _IN[:3]}
    marks = _marks(server, groups)
    # Those inside and outside alternate, so that what is left out of a page would show as a gap.
    ids = [id_ for pair in zip(_IN, out, strict=False) for id_ in pair] + [*out[len(_IN) :], *_OPPOSED]
    people = {id_: patient(ink, id_, marks.get(id_, {}), outside=id_ not in _IN) for id_ in ids}
    people[INSIDE]["link"] = [{"other": to(OUTSIDE), "type": "seealso"}]
    order = sorted(people.values(), key=lambda body: body["id"] == INSIDE)  # after the one that it links to
    shaped = shapes(ink, people)
    resources = (
        site(),
        doctor(),
        *order,
        *(_group(name, members) for name, members in groups.items()),
        *(made for id_ in ids for made in _about(ink, id_)),
        relative(ink, INSIDE),
        *shaped.values(),
    )
    names = {name: f"{body['resourceType']}/{body['id']}" for name, body in shaped.items()}
    return World(resources, Canary(groups, names, dict(ink.markers)))


def _marks(server: ServerRole, groups: Mapping[str, tuple[str, ...]]) -> dict[str, Json]:
    """Return what each patient carries to be in the cohorts of identities that are marked on the patient."""
    marks: dict[str, Json] = {}
    for identity in server.identities:
        for id_ in groups.get(identity.cohort_group, ()):
            marks[id_] = {**marks.get(id_, {}), **identity.patient_mark}
    return marks


def _group(name: str, members: tuple[str, ...]) -> Json:
    return {
        "resourceType": "Group",
        "id": name,
        "active": True,
        "type": "person",
        "actual": True,
        "name": name,
        "member": [{"entity": to(id_)} for id_ in members],
    }


def _about(ink: Ink, id_: str) -> list[Json]:
    outside = id_ not in _IN
    return [
        *(observation(ink, id_, rank, outside=outside) for rank in range(_PER_PATIENT)),
        encounter(ink, id_, outside=outside),
        condition(ink, id_, outside=outside),
        binary(ink, id_, outside=outside),
        document(ink, id_, outside=outside),
    ]
