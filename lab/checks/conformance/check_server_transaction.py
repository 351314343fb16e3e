"""SRV-BUN: the references between the entries of a transaction, and to what is there already.

Specs: https://hl7.org/fhir/R4/http.html#transaction-response, https://hl7.org/fhir/R4/http.html#trules
"""

from typing import Any, NoReturn
from uuid import UUID

from lab.api import SHALL, Expect, FhirClient, Reply, Text, Truth, check, status_of
from lab.checks.bundles import entry, offering, patient_of, send, statuses
from lab.checks.statement import objects, part
from lab.checks.throwaway import SYSTEM, bearing, identifier_of, patient, swept
from lab.checks.wording import quoted

OK, CREATED, FIRST_ERROR = 200, 201, 400
NOT_TAKEN = frozenset({401, 403, 422})
"""A server may refuse a valid Patient for reasons of its own: access, profiles, business rules."""


@check(
    "SRV-BUN-02",
    expectation=SHALL,
    requirements=("fhir-r4@http-transaction-response", "fhir-r4@http-transaction-references"),
    title=Text(fr="Réponse à une transaction", en="Transaction response"),
    failure=Text(
        fr="La réponse n'a pas une entrée par entrée, dans l'ordre, ou une référence urn:uuid y reste.",
        en="The answer has not one entry for each, in order, or a urn:uuid reference is left.",
    ),
    remedy=Text(
        fr="Répondre une entrée par entrée, dans l'ordre, avec response.status ; réécrire les références.",
        en="Answer one entry for each, in order, with response.status; rewrite the references.",
    ),
)
def transaction_response(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Create two Patients in one transaction, the first linked to the second by its urn:uuid."""
    offering(fhir, truth, expect, "transaction", "create", "read", "search-type")
    stem = identifier_of(truth, "SRV-BUN-02")
    full_urls = [UUID(int=truth.random(f"SRV-BUN-02/{n}").getrandbits(128), version=4).urn for n in (1, 2)]
    linked = patient(f"{stem}-1", link=_linked_to(full_urls[1]))
    with swept(fhir, f"{stem}-1", f"{stem}-2"):
        reply = send(
            fhir,
            "transaction",
            [
                entry("POST", "Patient", linked, full_urls[0]),
                entry("POST", "Patient", patient(f"{stem}-2"), full_urls[1]),
            ],
        )
        if reply.status in NOT_TAKEN:
            _not_taken(expect, reply)
        expect.status(reply, OK)
        type_ = quoted(reply.resource.get("type"))
        expect.that(
            type_ == "transaction-response", expected="transaction-response", seen=type_, evidence=[reply]
        )
        seen = statuses(reply)
        expect.that(
            seen == ["201", "201"],
            expected="201, 201",
            seen=quoted(", ".join(seen) or "none"),
            evidence=[reply],
        )
        ids = [patient_of(answered) for answered in reply.entries]
        expect.that(all(ids), expected="a response.location for each", seen=quoted(ids), evidence=[reply])
        read = fhir.read("Patient", ids[0])
        values = {one.get("value") for one in objects(read.resource.get("identifier"))}
        expect.that(
            f"{stem}-1" in values,
            expected="entries in order",
            seen="in another order",
            evidence=[reply, read],
        )
        reference = _link_of(read.resource)
        expect.that(
            _leads_to(reference, ids[1]),
            expected=f"link to Patient/{ids[1]}",
            seen=quoted(reference or "no link"),
            evidence=[reply, read],
        )


@check(
    "SRV-BUN-03",
    expectation=SHALL,
    requirements=("fhir-r4@http-conditional-reference",),
    title=Text(fr="Références conditionnelles", en="Conditional references in a transaction"),
    failure=Text(
        fr="Une référence conditionnelle ne fait pas échouer la transaction, ou n'est pas résolue.",
        en="A conditional reference does not make the transaction fail, or is not resolved.",
    ),
    remedy=Text(
        fr="Résoudre les références conditionnelles ; sans correspondance unique, refuser la transaction.",
        en="Resolve conditional references; without exactly one match, refuse the transaction.",
    ),
)
def conditional_references(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Link a Patient to what one identifier finds: one Patient, none, then two."""
    said = offering(fhir, truth, expect, "transaction", "create", "read", "search-type")
    if "identifier" not in said.types["Patient"].parameters:
        expect.omit(
            "Le CapabilityStatement ne déclare pas identifier sur Patient.",
            "The CapabilityStatement does not declare identifier on Patient.",
        )
    stem = identifier_of(truth, "SRV-BUN-03")
    target, linked = f"{stem}-target", f"{stem}-linked"
    with swept(fhir, target, linked):
        _refused(fhir, expect, target, linked, "no Patient")
        first = _target(fhir, expect, target)
        reply = _linking(fhir, target, linked)
        if reply.status in NOT_TAKEN:
            _not_taken(expect, reply)
        expect.status(reply, OK)
        found = fhir.search("Patient", identifier=f"{SYSTEM}|{linked}")
        references = [_link_of(one) for one in found.resources("Patient", mode="match")]
        expect.that(
            any(_leads_to(reference, first) for reference in references),
            expected=f"link to Patient/{first}",
            seen=quoted(references),
            evidence=[reply, found],
        )
        for id_ in bearing(found, linked):
            fhir.delete(f"Patient/{id_}")
        _target(fhir, expect, target)
        _refused(fhir, expect, target, linked, "two Patients")


def _refused(fhir: FhirClient, expect: Expect, target: str, linked: str, matches: str) -> None:
    reply = _linking(fhir, target, linked)
    expect.that(
        reply.status >= FIRST_ERROR,
        expected=f"HTTP 4xx: the reference finds {matches}",
        seen=status_of(reply),
        evidence=[reply],
    )
    found = fhir.search("Patient", identifier=f"{SYSTEM}|{linked}")
    left = len(bearing(found, linked))
    expect.that(left == 0, expected="nothing stored", seen=f"{left} Patient", evidence=[reply, found])


def _linking(fhir: FhirClient, target: str, linked: str) -> Reply:
    resource = patient(linked, link=_linked_to(f"Patient?identifier={SYSTEM}|{target}"))
    return send(fhir, "transaction", [entry("POST", "Patient", resource)])


def _target(fhir: FhirClient, expect: Expect, value: str) -> str:
    """Create a Patient by a transaction, so that a later one must find it."""
    reply = send(fhir, "transaction", [entry("POST", "Patient", patient(value))])
    id_ = patient_of(reply.entries[0]) if reply.entries else ""
    if reply.status != OK or not id_:
        _not_taken(expect, reply)
    return id_


def _linked_to(reference: str) -> list[dict[str, Any]]:
    return [{"other": {"reference": reference}, "type": "seealso"}]


def _link_of(resource: dict[str, Any]) -> str:
    links = objects(resource.get("link"))
    return str(part(links[0], "other").get("reference", "")) if links else ""


def _leads_to(reference: str, id_: str) -> bool:
    return f"/{reference}".partition("/_history/")[0].endswith(f"/Patient/{id_}")


def _not_taken(expect: Expect, reply: Reply) -> NoReturn:
    expect.name(reply)
    expect.skip(
        f"Le serveur n'accepte pas la transaction d'essai ({status_of(reply)}) : accès ou contenu.",
        f"The server does not accept the test transaction ({status_of(reply)}): access or content.",
    )
