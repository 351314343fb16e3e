"""Level 4, specific resource: nothing is written across the border of the cohort, and no write is an oracle.

Source: HL7 FHIR security page (Access Control Considerations: PUT-as-create); OWASP API1:2023; CWE-203.
"""

import json
from collections.abc import Iterator
from typing import Any

from lab.api import (
    CRITICAL,
    HIGH,
    MEDIUM,
    SERVER,
    Cohort,
    Expect,
    FhirClient,
    Reply,
    Text,
    Truth,
    Twins,
    probe,
    status_of,
)
from lab.checks.sample import declared
from lab.checks.security.border import owner, planted
from lab.checks.security.compartment import about, referred
from lab.checks.security.copies import Model, bearing, created_id, model, swept, writable_server
from lab.checks.security.likeness import answered, difference, twin
from lab.checks.security.masked import Resource
from lab.checks.security.restriction import restriction
from lab.checks.security.unserved import unserved
from lab.checks.statement import objects
from lab.checks.throwaway import identifier_of, patient

_OK, _CREATED = 200, 201
_PATCH = {"Content-Type": "application/json-patch+json"}


@probe(
    "L4-18",
    level=4,
    severity=HIGH,
    role=SERVER,
    twins=True,
    requirements=("five-levels@L4-18",),
    title=Text(fr="Création conditionnelle comme oracle", en="Conditional create as an oracle"),
    failure=Text(
        fr="If-None-Exist répond autrement quand le critère désigne une ressource hors cohorte.",
        en="If-None-Exist answers otherwise when its criterion names a resource outside the cohort.",
    ),
    remedy=Text(
        fr="Évaluer If-None-Exist sur la cohorte, ou le refuser par 403.",
        en="Evaluate If-None-Exist on the cohort, or refuse it by 403.",
    ),
)
def conditional_create(fhir: FhirClient, twins: Twins, cohort: Cohort, truth: Truth, expect: Expect) -> None:
    """Create on the condition that a hidden identifier, then one of nobody, does not exist yet."""
    writable_server(truth, expect)
    canary = planted(truth, expect)
    limits, value = restriction(truth, expect), identifier_of(truth, "L4-18")
    like = model(fhir, twins.one, limits, cohort, expect)
    bodies: dict[str, dict[str, Any]] = {like.type: like.copy(like.patient, value)}
    if limits.opens("Patient", "c"):
        bodies["Patient"] = patient(value)
    chance, asked_of = truth.random("L4-18"), 0
    for type_, body in bodies.items():
        secrets = [
            marker
            for marker, where in sorted(canary.markers.items(), key=lambda item: item[1])
            if where.startswith(f"{type_}/")
            and where.endswith(" identifier")
            and owner(where) in cohort.outside
        ]
        for secret in secrets[:1]:
            asked_of += 1
            with swept([fhir, twins.two], type_, value):
                seen = [
                    _conditional(client, type_, body, asked, value)
                    for asked in (secret, twin(secret, chance))
                    for client in (twins.one, twins.two)
                ]
            for reply in seen:
                answered(reply, expect)
            expect.that(
                len({reply.status for reply in seen}) == 1,
                expected="the same answer, whoever holds the identifier",
                seen=" / ".join(map(status_of, seen)),
                evidence=seen,
            )
    if not asked_of:
        expect.skip(
            f"Aucun identifiant marqué hors cohorte dans les types à créer ({', '.join(bodies)}).",
            f"No marked identifier outside in the types to create ({', '.join(bodies)}).",
        )


@probe(
    "L4-19",
    level=4,
    severity=MEDIUM,
    role=SERVER,
    requirements=("five-levels@L4-19",),
    title=Text(fr="Création par PUT comme oracle", en="PUT-as-create as an oracle"),
    failure=Text(
        fr="PUT sur un identifiant hors cohorte ne répond pas comme sur un identifiant inconnu.",
        en="PUT on an id outside the cohort does not answer as on an unknown id.",
    ),
    remedy=Text(
        fr="Refuser la création par PUT aux identités confinées, avec la réponse donnée à un inconnu.",
        en="Refuse PUT-as-create to confined identities, with the answer that is given to an unknown id.",
    ),
)
def put_as_create(
    fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """Write a small resource over an outside one, and over two that never existed; put back what was lost."""
    writable_server(truth, expect)
    limits, value = restriction(truth, expect), identifier_of(truth, "L4-19")
    known = declared(fhir)
    targets: dict[str, tuple[str, dict[str, Any]]] = {}
    if limits.opens("Patient", "u") and "update" in known.get("Patient", frozenset()):
        targets["Patient"] = (cohort.outside[0], patient(value))
    if not targets or limits.opens("Observation", "u"):
        like = model(fhir, restricted, limits, cohort, expect)
        held = about(fhir, like.type, cohort.outside)
        if held:
            targets[like.type] = (str(held["id"]), like.copy(like.patient, value))
    chance = truth.random("L4-19")
    for type_, (outside, body) in targets.items():
        ids = outside, twin(outside, chance), twin(outside, chance)
        before = fhir.read(type_, outside)
        try:
            hidden, first, again = (
                restricted.write("PUT", f"{type_}/{one}", {**body, "id": one}) for one in ids
            )
        finally:
            _put_back(fhir, type_, before, ids)
        answered(hidden, expect)
        seen = difference(hidden, outside, (first, ids[1]), (again, ids[2]))
        expect.that(
            not seen, expected=f"the answer of an unknown {type_}", seen=seen, evidence=[hidden, first]
        )


@probe(
    "L4-20",
    level=4,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L4-20",),
    title=Text(fr="Écriture à travers la frontière", en="Write across the cohort border"),
    failure=Text(
        fr="L'identité écrit sur un patient hors cohorte, ou lui donne la ressource d'un autre.",
        en="The identity writes about a patient outside the cohort, or gives it the resource of another.",
    ),
    remedy=Text(
        fr="Vérifier, avant et après toute écriture, que chaque patient désigné est dans la cohorte.",
        en="Verify, before and after every write, that every patient referred to is in the cohort.",
    ),
)
def across_the_border(
    fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """Create about an outside patient, move an inside resource to it by PUT and PATCH; read the store."""
    writable_server(truth, expect)
    value, outside = identifier_of(truth, "L4-20"), cohort.outside[0]
    like = model(fhir, restricted, restriction(truth, expect), cohort, expect)
    with swept([fhir], like.type, value):
        made = restricted.write("POST", like.type, like.copy(like.patient, value))
        id_ = created_id(made, like.type)
        if not id_:
            expect.name(made)
            expect.skip(
                f"L'écriture de référence, dans la cohorte, n'aboutit pas ({status_of(made)}).",
                f"The reference write, inside the cohort, does not succeed ({status_of(made)}).",
            )
        path, before = f"{like.type}/{id_}", fhir.read(like.type, id_)
        for what, reply in _crossings(restricted, fhir, like, id_, (outside, value)):
            expect.that(
                400 <= reply.status < 500,
                expected="HTTP 403",
                seen=f"{status_of(reply)} to {what}",
                evidence=[reply],
            )
            after, stored = fhir.get(path), bearing(fhir, like.type, value)
            moved = [one for one in stored if outside in referred(one)]
            expect.that(
                not moved and after.resource == before.resource,
                expected="the store unchanged",
                seen=f"{len(moved)} resources about the outside after {what}",
                evidence=[reply, before, after],
            )


@probe(
    "L4-21",
    level=4,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L4-21",),
    title=Text(fr="Référence conditionnelle", en="Conditional reference"),
    failure=Text(
        fr="Dans une transaction, une référence conditionnelle atteint un patient hors cohorte.",
        en="In a transaction, a conditional reference reaches a patient outside the cohort.",
    ),
    remedy=Text(
        fr="Résoudre les références conditionnelles sur la cohorte seule, ou les refuser.",
        en="Resolve conditional references on the cohort alone, or refuse them.",
    ),
)
def conditional_reference(
    fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """Refer to an outside patient by its identifier, and to nobody: the same answer, and no resolution."""
    writable_server(truth, expect)
    value, outside = identifier_of(truth, "L4-21"), cohort.outside[0]
    like = model(fhir, restricted, restriction(truth, expect), cohort, expect)
    chance, controls, resolved = truth.random("L4-21"), [], []
    with swept([fhir], like.type, value):
        for query in _identifiers(fhir.read("Patient", outside).resource):
            controls.append(_transaction(fhir, like, query, value))
            if any(outside in referred(one) for one in bearing(fhir, like.type, value)):
                resolved.append(query)
    if not resolved:
        what = Text(fr="les références conditionnelles", en="conditional references")
        unserved(what, controls, expect)
    for query in resolved:
        with swept([fhir], like.type, value):
            system, _, number = query.rpartition("|")
            hidden = _transaction(restricted, like, query, value)
            reached = [one for one in bearing(fhir, like.type, value) if outside in referred(one)]
        with swept([fhir], like.type, value):
            nobody = _transaction(restricted, like, f"{system}|{twin(number, chance)}", value)
        answered(hidden, expect)
        expect.that(
            not reached and hidden.status == nobody.status,
            expected="no resolution, and the answer of an unknown identifier",
            seen=f"{status_of(hidden)} against {status_of(nobody)}, {len(reached)} resolved",
            evidence=[hidden, nobody],
        )


def _conditional(client: FhirClient, type_: str, body: dict[str, Any], secret: str, value: str) -> Reply:
    reply = client.write("POST", type_, body, headers={"If-None-Exist": f"identifier={secret}"})
    if id_ := created_id(reply, type_) if reply.status == _CREATED else "":
        for one in bearing(client, type_, value):
            if one["id"] == id_:  # what was found, and not created, is never removed
                client.delete(f"{type_}/{id_}")
    return reply


def _put_back(fhir: FhirClient, type_: str, before: Reply, ids: tuple[str, ...]) -> None:
    """Restore the first, when it was changed; remove those that never existed, when they were created."""
    if before.status == _OK and fhir.read(type_, ids[0]).resource != before.resource:
        fhir.write("PUT", f"{type_}/{ids[0]}", before.resource)
    for id_ in ids[1:]:
        if fhir.read(type_, id_).status == _OK:
            fhir.delete(f"{type_}/{id_}")


def _crossings(
    restricted: FhirClient, fhir: FhirClient, like: Model, id_: str, target: tuple[str, str]
) -> Iterator[tuple[str, Reply]]:
    """Try each way of writing about the outside; what is asked for next depends on no answer."""
    outside, value = target
    moved, path = like.copy(outside, value), f"{like.type}/{id_}"
    yield "POST", restricted.write("POST", like.type, moved)
    yield "PUT", restricted.write("PUT", path, {**moved, "id": id_})
    if "patch" in declared(fhir).get(like.type, frozenset()):
        link = "subject" if "subject" in moved else "patient"
        step = [{"op": "replace", "path": f"/{link}/reference", "value": f"Patient/{outside}"}]
        yield "PATCH", restricted.request("PATCH", path, headers=_PATCH, body=json.dumps(step).encode())


def _identifiers(resource: Resource) -> list[str]:
    return [
        f"{item['system']}|{item['value']}"
        for item in objects(resource.get("identifier"))[:2]
        if isinstance(item.get("system"), str) and isinstance(item.get("value"), str)
    ]


def _transaction(client: FhirClient, like: Model, query: str, value: str) -> Reply:
    body = like.copy("", value)
    body["subject" if "subject" in body else "patient"] = {"reference": f"Patient?identifier={query}"}
    entry = {"resource": body, "request": {"method": "POST", "url": like.type}}
    return client.write("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
