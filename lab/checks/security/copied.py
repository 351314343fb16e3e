"""A resource to send, made of one that is held: without what is its own, under an identifier of ours.

Spec: https://hl7.org/fhir/R4/http.html#create
"""

import re
from typing import Any

from lab.api import Expect, FhirClient, Reply, Truth
from lab.checks.security.masked import Resource
from lab.checks.throwaway import SYSTEM

_OWN = frozenset({"id", "meta", "text", "identifier"})
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_MOST = 5


def marks(truth: Truth, check_id: str, count: int) -> list[str]:
    """Return identifier values of ours, the same each time a run is repeated."""
    chance = truth.random(check_id)
    return [f"{check_id}-{chance.getrandbits(48):012x}" for _ in range(count)]


def copied(resource: Resource, mark: str) -> dict[str, Any]:
    """Return a copy under an identifier of ours."""
    kept = {name: value for name, value in resource.items() if name not in _OWN}
    return {**kept, "identifier": [{"system": SYSTEM, "value": mark}]}


def stored(fhir: FhirClient, type_: str, mark: str) -> tuple[Reply, list[str]]:
    """Return the ids of what bears the mark, with the search that found it."""
    reply = fhir.search(type_, identifier=f"{SYSTEM}|{mark}")
    found = [one for one in reply.resources(type_, mode="match") if mark in str(one.get("identifier"))]
    ids = [str(one.get("id")) for one in found]
    return reply, [id_ for id_ in ids if _ID.fullmatch(id_)][:_MOST]


def nothing_stored(fhir: FhirClient, type_: str, mark: str, refusal: Reply, expect: Expect) -> None:
    """Expect that nothing bears the mark; what does is removed first."""
    reply, ids = stored(fhir, type_, mark)
    for id_ in ids:
        fhir.delete(f"{type_}/{id_}")
    expect.that(
        not ids, expected="nothing stored", seen=f"{len(ids)} {type_} stored", evidence=[refusal, reply]
    )
