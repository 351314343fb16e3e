"""Who stands on which side of the cohort's border, and what of the outside an answer tells.

Source: five-levels reference, L4 and P2; OWASP API1:2023.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lab.api import Canary, Cohort, Expect, Reply, Truth
from lab.checks.security.compartment import patients_of
from lab.checks.security.leaves import nodes
from lab.checks.security.masked import Resource
from lab.checks.security.secret_values import leaked
from lab.checks.statement import part

_OWNER = re.compile(r"canary-(?:[a-z]+-)?(?P<tail>(?:in|out|opposed)-\d+)(?:-\d+)?")
_RARE = frozenset({"telecom", "birthDate"})
"""Two patients may be given the same of these: they prove nothing."""


@dataclass(frozen=True)
class Border:
    """Patient ids of both sides, and ``hidden``: values that stand nowhere but outside."""

    inside: frozenset[str]
    outside: frozenset[str]
    hidden: frozenset[str]


def border(cohort: Cohort, truth: Truth) -> Border:
    """Return the border of the cohort of the restricted identity."""
    outside = frozenset(cohort.outside)
    hidden = {
        marker
        for marker, where in truth.canary.markers.items()
        if owner(where) in outside and where.rpartition(" ")[2] not in _RARE
    }
    return Border(frozenset(cohort.inside), outside, frozenset(hidden))


def owner(where: str) -> str:
    """Return the planted patient whom a planted resource (``Type/id``, maybe with an element) is about."""
    id_ = where.partition(" ")[0].rpartition("/")[2]
    match = _OWNER.fullmatch(id_)
    return f"canary-{match['tail']}" if match else ""


def planted(truth: Truth, expect: Expect) -> Canary:
    """Return what was planted; omits when nothing was to be, skips when it was and is not there."""
    server = truth.subject.server
    if not truth.canary:
        end = expect.skip if server and server.canary else expect.omit
        end(
            "Rien n'a été planté dans l'application : déclarer server.canary le permettrait.",
            "Nothing was planted in the application: declaring server.canary would show it.",
        )
    return truth.canary


def shape(canary: Canary, name: str, expect: Expect) -> str:
    """Return where (``Type/id``) the application holds a planted shape; skips when it did not take it."""
    if name not in canary.shapes:
        expect.skip(
            f"L'application n'a pas pris la ressource marquée « {name} ».",
            f"The application did not take the marked resource “{name}”.",
        )
    return canary.shapes[name]


def is_outside(resource: Resource, limits: Border) -> bool:
    """Tell whether a resource is, or is about, patients outside only; what a Bundle holds is asked apart."""
    patients = patients_of(resource) if resource.get("resourceType") != "Bundle" else frozenset()
    return bool(patients) and patients <= limits.outside


def crossed(reply: Reply, limits: Border) -> str:
    """Return what of the outside an answer tells: a resource, an entry or a marked value; or nothing."""
    found = crossed_resource(reply.json, limits)
    return found or _entries(reply, limits) or _told(leaked(limits.hidden, reply))


def crossed_resource(value: Any, limits: Border) -> str:
    """Return the first resource of the outside in a JSON value, at any depth, or nothing."""
    found = (node for node in nodes(value) if isinstance(node.get("resourceType"), str))
    return next((_name(node) for node in found if is_outside(node, limits)), "")


def resource_outside(reply: Reply, limits: Border) -> str:
    """Return the first resource of the outside in an answer, or nothing; values in others are not judged."""
    return crossed_resource(reply.json, limits)


def without_crossing(
    replies: Iterable[tuple[str, Reply]],
    limits: Border,
    expect: Expect,
    told: Callable[[Reply, Border], str] = crossed,
) -> None:
    """Expect that no answer tells anything of the outside; each comes with how it was asked."""
    leaks: dict[str, Reply] = {}
    for asked, reply in replies:
        if seen := told(reply, limits):
            leaks[f"{seen} by {asked}"] = reply
        else:
            expect.name(reply)
    expect.that(
        not leaks,
        expected="nothing of a patient outside",
        seen="; ".join(list(leaks)[:3]),
        evidence=list(leaks.values())[:8],
    )


def _entries(reply: Reply, limits: Border) -> str:
    """Return the first address of an outside patient in the entries: history gives it without a resource."""
    for address in _addresses(reply):
        type_, _, id_ = address.partition("/_history")[0].rstrip("/").rpartition("/")
        if type_.endswith("Patient") and id_ in limits.outside:
            return address
    return ""


def _addresses(reply: Reply) -> Iterator[str]:
    for entry in reply.entries:
        for value in (entry.get("fullUrl"), part(entry, "request").get("url")):
            if isinstance(value, str):
                yield value


def _name(resource: Resource) -> str:
    return f"{resource.get('resourceType')}/{str(resource.get('id'))[:64]}"


def _told(value: str) -> str:
    return f"the value {value}" if value else ""
