"""Level 3, resource type: reading, searching and history are rights apart.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#scopes-for-requesting-fhir-resources
"""

from collections.abc import Callable

from lab.api import (
    HIGH,
    MEDIUM,
    SERVER,
    Expect,
    FhirClient,
    Narrowed,
    Reply,
    Text,
    Truth,
    narrowed,
    probe,
    status_of,
)
from lab.checks.sample import declared
from lab.checks.security.both_sides import Located, in_scope, open_types
from lab.checks.security.granted import whole_rights
from lab.checks.security.links import visible_ids
from lab.checks.security.refused import refused
from lab.checks.security.restriction import Restriction, restriction
from lab.checks.security.unserved import unserved

_OK = 200
_REFUSED = (400, 403, 404, 405, 501)
_HISTORY = Text(fr="l'historique", en="history")


@probe(
    "L3-02",
    level=3,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L3-02",),
    title=Text(fr="Lire sans chercher, chercher sans lire", en="Search with only r, read with only s"),
    failure=Text(
        fr="Le droit de lire suffit pour chercher, ou le droit de chercher pour lire.",
        en="The right to read is enough to search, or the right to search is enough to read.",
    ),
    remedy=Text(
        fr="Exiger le droit r pour une lecture et le droit s pour une recherche ; répondre 403 sinon.",
        en="Require the right r for a read and the right s for a search; answer 403 otherwise.",
    ),
)
def read_and_search_apart(
    fhir: FhirClient,
    restricted: FhirClient,
    scoped: Callable[[str], FhirClient],
    truth: Truth,
    expect: Expect,
) -> None:
    """Search with a token that only reads, read with one that only searches; each does what it may."""
    found = in_scope(fhir, restricted, restriction(truth, expect), expect)
    reading = _without(narrowed(scoped, f"system/{found.type}.r"), found.type, "s", expect)
    searching = _without(narrowed(scoped, f"system/{found.type}.s"), found.type, "r", expect)
    _shown(reading.read(found.type, found.id), expect)
    _shown(searching.search(found.type, _id=found.id), expect)
    refused(reading.search(found.type, _id=found.id), expect, 403, sent="a search with r only")
    refused(reading.search(found.type, _count=1), expect, 403, sent="a search with r only")
    posted = reading.search_by_post(found.type, {"_count": 1})
    refused(posted, expect, 403, 404, 405, 415, sent="a search by POST with r only")
    refused(searching.read(found.type, found.id), expect, 403, 404, sent="a read with s only")


@probe(
    "L3-17",
    level=3,
    severity=MEDIUM,
    role=SERVER,
    requirements=("five-levels@L3-17",),
    title=Text(fr="L'historique pris pour une lecture", en="History taken as a read"),
    failure=Text(
        fr="L'historique est servi sans le droit qu'il demande.",
        en="History is served without the right that it takes.",
    ),
    remedy=Text(
        fr="Décider de l'historique comme d'une interaction à part : r pour celui d'une ressource, s pour "
        "celui d'un type, rien sans portée sur le type.",
        en="Decide on history as an interaction of its own: r for that of a resource, s for that of a type, "
        "nothing without a scope on the type.",
    ),
)
def history_apart(
    fhir: FhirClient,
    restricted: FhirClient,
    scoped: Callable[[str], FhirClient],
    truth: Truth,
    expect: Expect,
) -> None:
    """Ask for history of a closed type, of a resource with s only, and of a type with r only."""
    limits = restriction(truth, expect)
    controls: list[Reply] = []
    shown = 0
    for closed in _closed_with_history(fhir, limits, controls):
        refused(restricted.get(f"{closed.path}/_history"), expect, *_REFUSED, sent="history of a closed type")
        refused(restricted.get(f"{closed.type}/_history"), expect, *_REFUSED, sent="history of a closed type")
        shown += 1
    found = _open_with_history(fhir, restricted, limits, controls)
    if found is None:
        if not shown:
            unserved(_HISTORY, controls, expect)
        return
    for letter, missing, path in (("s", "r", f"{found.path}/_history"), ("r", "s", f"{found.type}/_history")):
        if path.startswith(f"{found.type}/_") and not _is_history(fhir.get(f"{path}?_count=1")):
            continue
        token = narrowed(scoped, f"system/{found.type}.{letter}")
        if not shown or _lacks(token, found.type, missing):
            client = _without(token, found.type, missing, expect)
            refused(client.get(path), expect, *_REFUSED, sent=f"{path} with {letter} only")
            shown += 1


def _lacks(token: Narrowed, type_: str, letter: str) -> bool:
    return token.client is not None and not {(type_, letter), ("*", letter)} & whole_rights(token.granted)


def _without(token: Narrowed, type_: str, letter: str, expect: Expect) -> FhirClient:
    """Return the client whose token lacks a right; omits the check where the endpoint gives no such token."""
    lacking = token.client is None or _lacks(token, type_, letter)
    return token.needed(expect, but="" if lacking else f"{type_}.{letter}")


def _shown(reply: Reply, expect: Expect) -> None:
    if reply.status != _OK:
        expect.name(reply)
        expect.skip(
            f"Le jeton aux portées réduites ne sert pas à ce qu'elles permettent ({status_of(reply)}).",
            f"The token with narrower scopes does not work for what they allow ({status_of(reply)}).",
        )


def _closed_with_history(fhir: FhirClient, limits: Restriction, controls: list[Reply]) -> list[Located]:
    types = [t for t, codes in declared(fhir).items() if "search-type" in codes and limits.closes(t)]
    for type_ in types[:4]:
        for id_ in visible_ids(fhir, type_, 1):
            controls.append(fhir.get(f"{type_}/{id_}/_history"))
            if _is_history(controls[-1]):
                return [Located(type_, id_)]
    return []


def _open_with_history(
    fhir: FhirClient, restricted: FhirClient, limits: Restriction, controls: list[Reply]
) -> Located | None:
    """Return a resource in scope that has a history; of a type without masks when there is one."""
    for type_ in sorted(open_types(fhir, limits), key=lambda t: bool(limits.masked_of(t)))[:4]:
        for id_ in visible_ids(restricted, type_, 1):
            controls.append(fhir.get(f"{type_}/{id_}/_history"))
            if _is_history(controls[-1]):
                return Located(type_, id_)
    return None


def _is_history(reply: Reply) -> bool:
    return reply.status == _OK and reply.type == "Bundle" and bool(reply.entries)
