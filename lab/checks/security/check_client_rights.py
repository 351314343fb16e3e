"""The credentials of the application at the hospital: no other type, and no write, than its scopes say.

Specs: https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html; OWASP API5:2023, CWE-862.
"""

import json
from typing import Any

from lab.api import CLIENT, CRITICAL, Expect, FhirClient, Reply, Text, Truth, probe
from lab.checks.sample import declared, match_ids
from lab.checks.security.grant_terms import grant_terms
from lab.checks.statement import part

_OK, _CREATED = 200, 201
_REFUSED = (403, 405)
_TYPES = 4
_WRITTEN = 3
_PATCH = {"Content-Type": "application/json-patch+json"}


@probe(
    "L3-01-C",
    level=3,
    severity=CRITICAL,
    role=CLIENT,
    requirements=("five-levels@L3-01",),
    title=Text(fr="Type hors des portées", en="Resource type out of scope"),
    failure=Text(
        fr="L'hôpital sert à l'application un type que ses portées n'ouvrent pas.",
        en="The hospital serves the application a type that its scopes do not open.",
    ),
    remedy=Text(
        fr="Comparer type et action aux portées du jeton et à la Permission avant toute recherche.",
        en="Compare type and action with the scopes of the token and with the Permission before any search.",
    ),
)
def closed_type(grant: FhirClient, hospital: FhirClient, truth: Truth, expect: Expect) -> None:
    """Search, by GET and POST, and read types that the hospital holds and the application may not see."""
    opened = {type_ for type_, letter in grant_terms(truth, expect).rights if letter in "rs"}
    known = [type_ for type_, codes in declared(grant).items() if "search-type" in codes]
    closed = [type_ for type_ in known if type_ not in opened] if "*" not in opened else []
    if not closed:
        expect.omit(
            f"Les portées de l'application ouvrent les {len(known)} types de l'hôpital.",
            f"The scopes of the application open the {len(known)} types of the hospital.",
        )
    held = [
        (type_, ids[0]) for type_ in closed if (ids := match_ids(hospital.search(type_, _count=1), type_))
    ]
    if not held:
        expect.skip(
            "L'hôpital ne tient rien des types fermés à l'application.",
            "The hospital holds nothing of the types that are closed to the application.",
        )
    for type_, id_ in held[:_TYPES]:
        replies = [grant.search(type_, _count=1), grant.search_by_post(type_, {"_count": 1})]
        for reply in (*replies, grant.read(type_, id_)):
            expect.status(reply, 403)


@probe(
    "L3-03-C",
    level=3,
    severity=CRITICAL,
    role=CLIENT,
    requirements=("five-levels@L3-03",),
    title=Text(fr="Écriture avec des portées de lecture", en="Write with a read-search scope"),
    failure=Text(
        fr="L'application peut écrire à l'hôpital avec des portées de lecture.",
        en="The application can write at the hospital with read scopes.",
    ),
    remedy=Text(
        fr="Exiger les droits c, u, d des portées SMART v2 pour créer, modifier, supprimer ; sinon 403.",
        en="Require the rights c, u, d of SMART v2 scopes to create, change, delete; otherwise 403.",
    ),
)
def write_with_read_scopes(grant: FhirClient, hospital: FhirClient, truth: Truth, expect: Expect) -> None:
    """Create, change and delete what the application may only read; what the hospital holds stays."""
    terms = grant_terms(truth, expect)
    written = {type_ for type_, letter in terms.rights if letter in "cud"}
    only_read = [type_ for type_ in terms.readable if not {type_, "*"} & written]
    if not only_read:
        expect.omit(
            "Les portées de l'application lui permettent d'écrire tous les types qu'elle lit.",
            "The scopes of the application let it write every type that it reads.",
        )
    tried = 0
    for type_ in only_read:
        ids = match_ids(grant.search(type_, _count=1), type_)
        before = hospital.read(type_, ids[0]) if ids else None
        if before is None or before.status != _OK:
            continue
        tried += 1
        path = f"{type_}/{ids[0]}"
        try:
            _cannot_write(grant, hospital, before, expect)
        finally:  # what a flaw changed is put back: other checks read it
            if hospital.get(path).body != before.body:
                hospital.write("PUT", path, before.resource)
        if tried == _WRITTEN:
            return
    if not tried:
        expect.skip(
            "L'application ne lit aucune ressource que l'hôpital puisse confirmer.",
            "The application reads no resource that the hospital could confirm.",
        )


def _cannot_write(grant: FhirClient, hospital: FhirClient, before: Reply, expect: Expect) -> None:
    resource: dict[str, Any] = dict(before.resource)
    path = f"{resource.get('resourceType')}/{resource.get('id')}"
    new = {name: value for name, value in resource.items() if name not in {"id", "meta"}}
    created = grant.write("POST", str(resource.get("resourceType")), new)
    if created.status == _CREATED:  # nothing of a flaw is left behind
        hospital.delete("/".join((created.header("location") or "").split("/_history/")[0].split("/")[-2:]))
    expect.status(created, *_REFUSED)
    expect.status(grant.write("PUT", path, resource), *_REFUSED)
    same = [{"op": "test", "path": "/resourceType", "value": resource.get("resourceType")}]
    expect.status(grant.request("PATCH", path, headers=_PATCH, body=json.dumps(same).encode()), *_REFUSED)
    expect.status(grant.delete(path), *_REFUSED)
    after = hospital.get(path)
    expect.that(
        after.status == _OK and _version(after) == _version(before),
        expected=f"version {_version(before)} of {path}",
        seen=f"HTTP {after.status}, version {_version(after)}",
        evidence=[before, after],
    )


def _version(reply: Reply) -> str:
    return str(part(reply.resource, "meta").get("versionId"))
