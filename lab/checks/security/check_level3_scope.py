"""Level 3, resource type: the scopes of the token decide which types are read and what may be written.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
"""

from typing import Any

from lab.api import CRITICAL, SERVER, Expect, FhirClient, Reply, Text, Truth, probe
from lab.checks.sample import declared
from lab.checks.security.likeness import answered
from lab.checks.security.masked import resources_in
from lab.checks.security.restriction import Restriction, closed_types, restriction
from lab.checks.statement import statement

_MARK = "urn:ietf:rfc:3986"
_REFUSED = (403, 404, 405)
_TRIED = 8
Copy = tuple[str, dict[str, Any]]
"""A type and a resource of it to send."""


@probe(
    "L3-01",
    level=3,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L3-01",),
    title=Text(fr="Type hors des portées", en="Resource type out of scope"),
    failure=Text(
        fr="Un type que les portées du jeton n'ouvrent pas est servi.",
        en="A type that the scopes of the token do not open is served.",
    ),
    remedy=Text(
        fr="Comparer type et action aux portées du jeton avant toute recherche ; répondre 403 par défaut.",
        en="Compare type and action with the scopes of the token before any search; answer 403 by default.",
    ),
)
def type_out_of_scope(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Search, by GET, POST and in a batch, and read a type that only the full identity may."""
    type_, id_ = _found_only_by_full(fhir, closed_types(fhir, restriction(truth, expect), expect), expect)
    for reply in (restricted.search(type_, _count=1), restricted.search(type_, _id=id_)):
        _no_data(reply, expect, 403)
    _no_data(restricted.search_by_post(type_, {"_count": 1}), expect, *_REFUSED, 415)
    _no_data(restricted.read(type_, id_), expect, *_REFUSED)
    if "batch" in statement(fhir).system:
        _no_data_in(
            restricted.write("POST", "", _batch(f"{type_}/{id_}", f"{type_}?_count=1")), type_, expect
        )


@probe(
    "L3-03",
    level=3,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L3-03",),
    title=Text(fr="Écriture avec des portées de lecture", en="Write with read scopes"),
    failure=Text(
        fr="Un jeton dont les portées ne permettent que de lire peut écrire.",
        en="A token whose scopes allow reading only can write.",
    ),
    remedy=Text(
        fr="Exiger les droits c, u, d des portées SMART v2 pour créer, modifier, supprimer ; sinon 403.",
        en="Require the rights c, u, d of SMART v2 scopes to create, update, delete; otherwise 403.",
    ),
)
def write_with_read_scopes(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Create; then try to change and delete a resource that the full identity made for that, and removes."""
    copies = _copies_to_write(fhir, restricted, restriction(truth, expect), expect)
    type_, copy = copies[0]
    mark = f"urn:uuid:lab-{truth.random('L3-03').getrandbits(48):012x}"
    copy["identifier"] = [{"system": _MARK, "value": mark}]
    created = restricted.write("POST", type_, copy)
    _no_data(created, expect, 403, 405)
    stored = fhir.search(type_, identifier=f"{_MARK}|{mark}")
    expect.that(
        mark not in "".join(str(resource.get("identifier")) for resource in stored.resources(type_)),
        expected="nothing stored",
        seen="the refused resource is found",
        evidence=[created, stored],
    )
    server = truth.subject.server
    if server and not server.read_only:
        type_, id_, copy = _made(fhir, copies, expect)
        _change_and_delete(fhir, restricted, (type_, id_), copy, expect)


def _made(fhir: FhirClient, copies: list[Copy], expect: Expect) -> tuple[str, str, dict[str, Any]]:
    """Create the first copy that the application takes; return its type, its id and what was sent."""
    replies = []
    for type_, copy in copies:
        replies.append(fhir.write("POST", type_, copy))
        id_ = replies[-1].resource.get("id") or _id_in_location(replies[-1], type_)
        if replies[-1].status == 201 and isinstance(id_, str) and id_:
            return type_, id_, copy
    expect.name(*replies)
    expect.skip(
        "L'identité complète n'a pu créer aucune copie à modifier et supprimer "
        f"({', '.join(type_ for type_, _ in copies)}).",
        "The full identity could create no copy to be changed and deleted "
        f"({', '.join(type_ for type_, _ in copies)}).",
    )


def _change_and_delete(
    fhir: FhirClient, restricted: FhirClient, named: tuple[str, str], copy: dict[str, Any], expect: Expect
) -> None:
    type_, id_ = named
    before = fhir.read(type_, id_)
    attempts = (
        restricted.write("PUT", f"{type_}/{id_}", {**copy, "id": id_}),
        restricted.delete(f"{type_}/{id_}"),
    )
    after = fhir.read(type_, id_)
    fhir.delete(f"{type_}/{id_}")
    for attempt in attempts:
        _no_data(attempt, expect, *_REFUSED)
    expect.that(
        (before.status, before.resource) == (after.status, after.resource),
        expected="the store unchanged",
        seen="another version of the resource",
        evidence=[before, *attempts, after],
    )


def _copies_to_write(
    fhir: FhirClient, restricted: FhirClient, limits: Restriction, expect: Expect
) -> list[Copy]:
    """Return types declared writable that the identity may not write, each with a resource to send.

    Those that the identity sees come first: what is outside its cohort could not be written for that alone.
    """
    writable = [type_ for type_, codes in declared(fhir).items() if {"create", "search-type"} <= codes]
    if not writable:
        expect.omit(
            "Le CapabilityStatement ne déclare l'interaction create sur aucun type.",
            "The CapabilityStatement declares the create interaction on no type.",
        )
    only_read = [t for t in writable if not any(limits.opens(t, right) for right in "cud")]
    seen: list[Copy] = []
    unseen: list[Copy] = []
    for type_ in sorted(only_read, key=lambda t: (limits.closes(t), t))[:_TRIED]:
        visible = restricted.search(type_, _count=1) if limits.opens(type_, "s") else None
        found = list(visible.resources(type_, mode="match")) if visible else []
        held = found or list(fhir.search(type_, _count=1).resources(type_, mode="match"))
        (seen if found else unseen).extend((type_, _copy(resource)) for resource in held[:1])
    if seen or unseen:
        return [*seen, *unseen]
    expect.skip(
        f"Aucun type déclaré en création ({', '.join(writable)}) n'est à la fois non vide et fermé en "
        "écriture à "
        "l'identité restreinte.",
        f"No type declared for create ({', '.join(writable)}) is both non-empty and closed to writing for "
        "the "
        "restricted identity.",
    )


def _copy(resource: dict[str, Any]) -> dict[str, Any]:
    left_out = {"id", "meta", "text", "identifier"}
    return {name: value for name, value in resource.items() if name not in left_out}


def _found_only_by_full(fhir: FhirClient, types: tuple[str, ...], expect: Expect) -> tuple[str, str]:
    """Return the type and id of a resource that exists: what must not come out."""
    for type_ in types:
        for resource in fhir.search(type_, _count=1).resources(type_, mode="match"):
            if isinstance(resource.get("id"), str):
                return type_, resource["id"]
    expect.skip(
        f"Les types fermés à l'identité restreinte ({', '.join(types)}) ne contiennent rien.",
        f"The types closed to the restricted identity ({', '.join(types)}) hold nothing.",
    )


def _no_data(reply: Reply, expect: Expect, *allowed: int) -> None:
    expect.status(reply, *allowed)
    expect.that(reply.type in {"", "OperationOutcome"}, expected="no data", seen=reply.type, evidence=[reply])


def _batch(*urls: str) -> dict[str, Any]:
    entries = [{"request": {"method": "GET", "url": url}} for url in urls]
    return {"resourceType": "Bundle", "type": "batch", "entry": entries}


def _no_data_in(reply: Reply, type_: str, expect: Expect) -> None:
    answered(reply, expect)
    # In its entries: the answer itself is a Bundle, which may be the closed type.
    found = any(resources_in(reply.resource.get("entry"), type_))
    expect.that(not found, expected=f"no {type_} in a batch", seen="one", evidence=[reply])


def _id_in_location(reply: Reply, type_: str) -> str:
    after = (reply.header("Location") or "").rpartition(f"{type_}/")[2]
    return after.partition("/")[0]
