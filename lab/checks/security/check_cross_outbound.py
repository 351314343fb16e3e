"""Across the levels: an address in a resource or a request is data, and the server does not call it.

Source: OWASP API7:2023; CWE-918.
"""

from collections.abc import Iterator

from lab.api import CRITICAL, SERVER, Expect, FhirClient, Lookout, Reply, Text, Truth, probe
from lab.checks.sample import declared, sample
from lab.checks.security.copies import created_id
from lab.checks.security.likeness import answered
from lab.checks.throwaway import identifier_of, patient, swept

_OK = 200


@probe(
    "X-05",
    level=None,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@X-05",),
    title=Text(fr="Requêtes forgées par le serveur", en="Server-side request forgery"),
    failure=Text(
        fr="Le serveur appelle une adresse que l'appelant a écrite : il peut atteindre ce que lui seul "
        "atteint.",
        en="The server calls an address that the caller wrote: it can reach what only it can reach.",
    ),
    remedy=Text(
        fr="Ne jamais suivre une adresse reçue ; pour les abonnements, n'appeler que les hôtes d'une liste.",
        en="Never follow an address that was received; for subscriptions, call only the hosts of a list.",
    ),
)
def outbound_calls(fhir: FhirClient, lookout: Lookout, truth: Truth, expect: Expect) -> None:
    """Put an address of the laboratory wherever FHIR has one, and see whether anybody calls there."""
    lookout.reachable_from(fhir.base_url, expect)
    sample(fhir, expect)
    sent = list(_asked(fhir, lookout.url))
    server = truth.subject.server
    if server and not server.read_only:
        sent += _written(fhir, lookout.url, identifier_of(truth, "X-05"))
    for reply in sent:
        answered(reply, expect)
    calls = lookout.calls()
    said = calls.json.get("calls") if isinstance(calls.json, dict) else None
    if not isinstance(said, list):
        expect.name(calls)
        expect.skip(
            "Le poste d'observation du laboratoire n'a pas répondu.",
            "The lookout of the laboratory did not answer.",
        )
    expect.that(
        not said,
        expected="no outbound call",
        seen=", ".join(map(str, said[:3])),
        evidence=[calls, *sent][:8],
    )


def _asked(fhir: FhirClient, lure: str) -> Iterator[Reply]:
    """Name the address in requests that store nothing; each path of it says where it was written."""
    entry = {"request": {"method": "GET", "url": f"{lure}/batch-entry"}}
    yield fhir.write("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": [entry]})
    yield fhir.get("Patient", {"_profile": f"{lure}/profile", "_count": 1})
    yield fhir.get("Patient", {"organization": f"{lure}/Organization/reference", "_count": 1})
    yield fhir.get("Patient", {"general-practitioner.name": f"{lure}/chain", "_count": 1})
    yield fhir.get("Observation", {"code:in": f"{lure}/ValueSet/in", "_count": 1})
    resource = {**patient("lab-not-stored"), "meta": {"profile": [f"{lure}/StructureDefinition/validate"]}}
    yield fhir.write("POST", f"Patient/$validate?profile={lure}/StructureDefinition/parameter", resource)


def _written(fhir: FhirClient, lure: str, mark: str) -> list[Reply]:
    """Store a Patient and a Subscription that name the address, use them, and remove them."""
    known = declared(fhir)
    sent: list[Reply] = []
    if {"create", "delete"} <= known.get("Patient", frozenset()):
        with swept(fhir, mark):
            sent += _patient(fhir, lure, mark)
    if {"create", "delete"} <= known.get("Subscription", frozenset()):
        channel = {
            "type": "rest-hook",
            "endpoint": f"{lure}/subscription",
            "payload": "application/fhir+json",
        }
        subscription = {
            "resourceType": "Subscription",
            "status": "requested",
            "reason": "lab",
            "criteria": "Patient?",
            "channel": channel,
        }
        sent.append(fhir.write("POST", "Subscription", subscription))
        if id_ := created_id(sent[-1], "Subscription"):
            with swept(fhir, mark):
                sent.append(fhir.write("POST", "Patient", patient(mark)))
            fhir.delete(f"Subscription/{id_}")
    return sent


def _patient(fhir: FhirClient, lure: str, mark: str) -> list[Reply]:
    body = patient(
        mark,
        meta={"profile": [f"{lure}/StructureDefinition/created"]},
        photo=[{"contentType": "image/png", "url": f"{lure}/attachment"}],
        managingOrganization={"reference": f"{lure}/Organization/created"},
        extension=[{"url": f"{lure}/StructureDefinition/extension", "valueString": "x"}],
    )
    made = fhir.write("POST", "Patient", body)
    sent = [made]
    if id_ := created_id(made, "Patient"):
        sent.append(fhir.get("Patient", {"_id": id_, "_include": "Patient:organization"}))
        sent.append(fhir.get(f"Patient/{id_}"))
    return sent
