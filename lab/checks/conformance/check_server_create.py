"""SRV-CRT: creating a resource.

Spec: https://hl7.org/fhir/R4/http.html#create
"""

import json
from typing import NoReturn

from lab.api import SHALL, Expect, FhirClient, Reply, Text, Truth, check, status_of
from lab.checks.address import resolved
from lab.checks.statement import part
from lab.checks.throwaway import (
    SYSTEM,
    bearing,
    created,
    identifier_of,
    location,
    patient,
    swept,
    writable,
)
from lab.checks.wording import quoted

CREATED, OK = 201, 200
REFUSALS = frozenset({400, 401, 403, 422})
"""What a server may answer to a valid Patient for reasons of its own: access, profiles, business rules."""
FHIR_JSON = {"Content-Type": "application/fhir+json"}
OLD = "2001-01-01T00:00:00Z"


@check(
    "SRV-CRT-01",
    expectation=SHALL,
    requirements=("fhir-r4@http-create-location",),
    title=Text(
        fr="La création rend 201 et une Location qui mène quelque part",
        en="Create answers 201, Location",
    ),
    failure=Text(
        fr="La création ne répond pas 201 avec une Location qui mène à la ressource créée.",
        en="Create does not answer 201 with a Location that leads to the resource created.",
    ),
    remedy=Text(
        fr="Répondre 201 et Location: [base]/[type]/[id]/_history/[vid].",
        en="Answer 201 and Location: [base]/[type]/[id]/_history/[vid].",
    ),
)
def create_answers_location(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Create a Patient and follow its Location; a server without versions may leave the version out."""
    known = writable(fhir, truth, expect, "create", "read")
    value = identifier_of(truth, "SRV-CRT-01")
    reply = fhir.write("POST", "Patient", patient(value))
    id_, version = location(reply)
    try:
        if reply.status in REFUSALS:
            _not_accepted(expect, reply)
        expect.status(reply, CREATED)
        given = reply.header("location") or ""
        url = resolved(reply.url, given)
        expect.that(
            bool(given) and id_ is not None and url.startswith(f"{fhir.base_url}/Patient/{id_}"),
            expected="Location: [base]/Patient/[id]/_history/[vid]",
            seen=quoted(given or "no Location"),
            evidence=[reply],
        )
        # A server may name a version that it does not let anyone read.
        read = fhir.get(url if version is None or "vread" in known.interactions else f"Patient/{id_}")
        expect.status(read, OK)
        expect.that(
            read.type == "Patient" and read.resource.get("id") == id_,
            expected=f"Patient/{id_}",
            seen=quoted(f"{read.type}/{read.resource.get('id')}"),
            evidence=[reply, read],
        )
        versioned = part(read.resource, "meta").get("versionId") is not None
        expect.should(
            version is not None or not versioned,
            expected="a Location with the version, which the server knows",
            seen=quoted(given),
            evidence=[reply],
        )
    finally:
        if id_ is not None:
            fhir.delete(f"Patient/{id_}")


@check(
    "SRV-CRT-02",
    expectation=SHALL,
    requirements=("fhir-r4@http-create-ignored",),
    title=Text(fr="Le serveur attribue l'identité", en="The server assigns identity"),
    failure=Text(
        fr="À la création, le serveur garde l'id, le versionId ou le lastUpdated envoyé par le client.",
        en="On create, the server keeps the id, versionId or lastUpdated sent by the client.",
    ),
    remedy=Text(
        fr="Ignorer id, meta.versionId et meta.lastUpdated reçus par POST, et attribuer les siens.",
        en="Ignore the id, meta.versionId and meta.lastUpdated received by POST, and assign your own.",
    ),
)
def identity_is_assigned(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Create a Patient that claims an id, a version and a date, and read what was stored."""
    writable(fhir, truth, expect, "create", "read")
    value = identifier_of(truth, "SRV-CRT-02")
    claimed = f"lab-{truth.random('SRV-CRT-02/id').getrandbits(64):016x}"
    claims = patient(value, id=claimed, meta={"versionId": "lab-77", "lastUpdated": OLD})
    reply = fhir.write("POST", "Patient", claims)
    id_, _ = location(reply)
    if id_ is None:
        with created(fhir, expect, value):  # when even this is refused, nothing can be shown
            expect.status(reply, CREATED)
        return
    try:
        read = fhir.read("Patient", id_)
        expect.status(read, OK)
        meta = part(read.resource, "meta")
        for kept, words in (
            (id_ == claimed, "the id sent"),
            (meta.get("versionId") == "lab-77", "the versionId sent"),
            (str(meta.get("lastUpdated")).startswith("2001-01-01"), "the lastUpdated sent"),
        ):
            expect.that(not kept, expected="values of the server", seen=words, evidence=[reply, read])
    finally:
        fhir.delete(f"Patient/{id_}")


@check(
    "SRV-CRT-04",
    expectation=SHALL,
    requirements=("fhir-r4@http-create-400",),
    title=Text(fr="Contenu incorrect refusé", en="Bad content refused"),
    failure=Text(
        fr="Un contenu qui n'est pas du JSON, ou pas du FHIR, est accepté ou enregistré à la création.",
        en="Content that is not JSON, or not FHIR, is accepted or stored on create.",
    ),
    remedy=Text(
        fr="Répondre 400 (ou 422) avec un OperationOutcome et ne rien enregistrer.",
        en="Answer 400 (or 422) with an OperationOutcome and store nothing.",
    ),
)
def bad_content_is_refused(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Send a cut JSON text, then a Patient whose elements are of the wrong types; look for both.

    R4 names 400 and 422 yet says that servers may also answer 5xx: the exact status is a remark.
    """
    known = writable(fhir, truth, expect, "create")
    stem = identifier_of(truth, "SRV-CRT-04")
    cut, invalid = f"{stem}-cut", f"{stem}-invalid"
    whole = json.dumps(patient(cut)).encode()
    wrong = patient(invalid, name="Laboratoire", birthDate="hier", gender=["unknown"])
    with swept(fhir, cut, invalid):
        replies = (
            (fhir.request("POST", "Patient", headers=FHIR_JSON, body=whole[:-20]), (400,)),
            (fhir.write("POST", "Patient", wrong), (400, 422)),
        )
        for reply, usual in replies:
            expect.that(
                reply.status >= 400,
                expected="a refusal, HTTP 400",
                seen=status_of(reply),
                evidence=[reply],
            )
            words = " or ".join(map(str, usual))
            expect.should(
                reply.status in usual,
                expected=f"HTTP {words}",
                seen=status_of(reply),
                evidence=[reply],
            )
            expect.should(
                reply.type == "OperationOutcome",
                expected="an OperationOutcome",
                seen=quoted(reply.type or "no resource"),
                evidence=[reply],
            )
        if "identifier" not in known.parameters:
            _not_searchable(expect)
        for value in (cut, invalid):
            found = fhir.search("Patient", identifier=f"{SYSTEM}|{value}")
            stored = bearing(found, value)
            expect.that(
                not stored,
                expected="nothing stored",
                seen=f"{len(stored)} Patient",
                evidence=[found],
            )


def _not_accepted(expect: Expect, reply: Reply) -> NoReturn:
    expect.name(reply)
    expect.skip(
        f"Le serveur n'accepte pas le Patient d'essai ({status_of(reply)}) : règle d'accès ou de contenu.",
        f"The server does not accept the test Patient ({status_of(reply)}): a rule on access or content.",
    )


def _not_searchable(expect: Expect) -> NoReturn:
    expect.skip(
        "Patient ne se cherche pas par identifier : on ne peut pas voir si quelque chose a été enregistré.",
        "Patient is not searched by identifier: whether something was stored cannot be seen.",
    )
