"""Level 3, resource type: each entry of a Bundle is decided for itself, and a transaction as a whole.

Spec: https://hl7.org/fhir/R4/http.html#transaction; CWE-636.
"""

import uuid
from typing import Any

from lab.api import CRITICAL, SERVER, Expect, FhirClient, Text, Truth, probe, status_of
from lab.checks.security.both_sides import Located, in_scope, out_of_scope
from lab.checks.security.copied import copied, marks, nothing_stored
from lab.checks.security.likeness import answered
from lab.checks.security.masked import Resource, resources_in
from lab.checks.security.restriction import Restriction, restriction
from lab.checks.statement import part, statement

Entry = dict[str, Any]
_OK = 200
_DENIED = ("401", "403", "404", "405")


@probe(
    "L3-11",
    level=3,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L3-11",),
    title=Text(fr="Batch mêlé", en="Mixed batch"),
    failure=Text(
        fr="Dans un batch, une entrée hors des portées est exécutée, ou fait échouer les autres.",
        en="In a batch, an entry out of scope is carried out, or makes the others fail.",
    ),
    remedy=Text(
        fr="Décider de chaque entrée d'un batch comme de la requête qu'elle est : 403 pour celle-là seule.",
        en="Decide on each entry of a batch as the request that it is: 403 for that one alone.",
    ),
)
def mixed_batch(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Put a read, a search and a create of a closed type between two reads in scope."""
    limits = restriction(truth, expect)
    ours = in_scope(fhir, restricted, limits, expect)
    closed, resource = out_of_scope(fhir, limits, expect)
    _accepted("batch", fhir, restricted, ours, expect)
    mark = marks(truth, "L3-11", 1)[0]
    forbidden = [_get(closed.path), _get(f"{closed.type}?_count=1")]
    if _may_write(truth):
        forbidden.append(_post(closed.type, copied(resource, mark), mark))
    reply = restricted.write("POST", "", _bundle("batch", [_get(ours.path), *forbidden, _get(ours.path)]))
    if _may_write(truth):
        nothing_stored(fhir, closed.type, mark, reply, expect)
    expect.status(reply, _OK)
    statuses = [str(part(entry, "response").get("status")) for entry in reply.entries]
    expect.that(
        len(statuses) == len(forbidden) + 2,
        expected=f"{len(forbidden) + 2} entries",
        seen=len(statuses),
        evidence=[reply],
    )
    expect.that(
        not any(resources_in(reply.resource.get("entry"), closed.type)),
        expected=f"no {closed.type} in a batch",
        seen="one",
        evidence=[reply],
    )
    for status in statuses[1:-1]:
        expect.that(
            status.startswith(_DENIED), expected="403 for the entry", seen=status[:20], evidence=[reply]
        )
    for status in (statuses[0], statuses[-1]):
        expect.that(
            status.startswith("200"), expected="200 for what is in scope", seen=status[:20], evidence=[reply]
        )


@probe(
    "L3-12",
    level=3,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L3-12",),
    title=Text(fr="Transaction mêlée", en="Mixed transaction"),
    failure=Text(
        fr="Une transaction qui contient une écriture interdite est exécutée, en tout ou en partie.",
        en="A transaction that holds a forbidden write is carried out, in whole or in part.",
    ),
    remedy=Text(
        fr="Décider de toutes les entrées d'une transaction avant d'en exécuter une ; refuser le tout.",
        en="Decide on all entries of a transaction before any is carried out; refuse the whole.",
    ),
)
def mixed_transaction(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Send a forbidden create with what is allowed, in both orders: refused as a whole, nothing stored."""
    limits = restriction(truth, expect)
    ours = in_scope(fhir, restricted, limits, expect)
    closed, resource = out_of_scope(fhir, limits, expect)
    _accepted("transaction", fhir, restricted, ours, expect)
    written = _writable(restricted, limits) if _may_write(truth) else None
    for turn in range(2):
        forbidden_mark, allowed_mark = marks(truth, f"L3-12-{turn}", 2)
        forbidden = _post(closed.type, copied(resource, forbidden_mark), forbidden_mark)
        allowed = _get(ours.path)
        if written is not None:
            allowed = _post(str(written["resourceType"]), copied(written, allowed_mark), allowed_mark)
        entries = [allowed, forbidden] if turn == 0 else [forbidden, allowed]
        reply = restricted.write("POST", "", _bundle("transaction", entries))
        nothing_stored(fhir, closed.type, forbidden_mark, reply, expect)
        if written is not None:
            nothing_stored(fhir, str(written["resourceType"]), allowed_mark, reply, expect)
        answered(reply, expect)
        expect.that(
            400 <= reply.status < 500,
            expected="a refusal of the whole",
            seen=status_of(reply),
            evidence=[reply],
        )


def _accepted(kind: str, fhir: FhirClient, restricted: FhirClient, ours: Located, expect: Expect) -> None:
    """Go on when a Bundle that holds only a read in scope is carried out."""
    reply = restricted.write("POST", "", _bundle(kind, [_get(ours.path)]))
    first = reply.entries[0] if reply.entries else {}
    if reply.status == _OK and str(part(first, "response").get("status")).startswith("200"):
        return
    expect.name(reply)
    declared = kind in statement(fhir).system
    if not declared or reply.status in {403, 405}:
        expect.omit(
            f"Aucun {kind} n'est servi à l'identité restreinte, même d'une lecture permise "
            f"({status_of(reply)} ; déclaré : {'oui' if declared else 'non'}).",
            f"No {kind} is served to the restricted identity, not even of a read that it may "
            f"({status_of(reply)}; declared: {'yes' if declared else 'no'}).",
        )
    expect.skip(
        f"Un {kind} d'une lecture permise n'aboutit pas ({status_of(reply)}).",
        f"A {kind} of a read in scope does not succeed ({status_of(reply)}).",
    )


def _may_write(truth: Truth) -> bool:
    return truth.subject.server is not None and not truth.subject.server.read_only


def _writable(restricted: FhirClient, limits: Restriction) -> Resource | None:
    """Return a resource that the restricted identity reads, of a type that it may create."""
    types = sorted({type_ for type_, letter in limits.rights if letter == "c"} - {"*"})
    for type_ in types[:4]:
        if limits.opens(type_, "s"):
            for resource in restricted.search(type_, _count=1).resources(type_, mode="match"):
                return resource
    return None


def _bundle(kind: str, entries: list[Entry]) -> Entry:
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def _get(url: str) -> Entry:
    return {"request": {"method": "GET", "url": url}}


def _post(type_: str, resource: Resource, mark: str) -> Entry:
    return {
        "fullUrl": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, mark)}",
        "resource": resource,
        "request": {"method": "POST", "url": type_},
    }
