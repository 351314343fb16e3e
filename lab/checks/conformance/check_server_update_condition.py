"""SRV-UPD: an update that finds its resource by criteria, or that creates it under an id of the client.

Specs: https://hl7.org/fhir/R4/http.html#cond-update, https://hl7.org/fhir/R4/http.html#upsert
"""

from lab.api import SHALL, Expect, FhirClient, Reply, Text, Truth, check, status_of
from lab.checks.options import declares, require_condition
from lab.checks.throwaway import SYSTEM, declared_writes, identifier_of, location, patient, swept
from lab.checks.wording import quoted

OK, CREATED, FIRST_ERROR, FIRST_SERVER_ERROR, SEVERAL = 200, 201, 400, 500, 412
REFUSED = frozenset({401, 403})
NO_SUCH_PLACE = frozenset({404, 405})
CHANGED = "1971-02-03"


@check(
    "SRV-UPD-05",
    expectation=SHALL,
    requirements=("fhir-r4@http-cond-update",),
    title=Text(fr="Mise à jour conditionnelle", en="Conditional update"),
    failure=Text(
        fr="Une mise à jour conditionnelle ne répond pas 201, 200 ou 412 selon le nombre de ressources.",
        en="A conditional update does not answer 201, 200 or 412 by the number of matches.",
    ),
    remedy=Text(
        fr="Sans correspondance, créer (201) ; une seule : mettre à jour (200) ; plusieurs : refuser (412).",
        en="Create (201) without a match, update (200) the only one, refuse (412) when there are several.",
    ),
)
def conditional_update(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Send the same conditional PUT with no match, with one, and with two."""
    said = declared_writes(fhir, truth, expect, "create", "read", "update")
    require_condition(expect, said, "conditionalUpdate")
    value = identifier_of(truth, "SRV-UPD-05")
    with swept(fhir, value):
        first = _put_where(fhir, value)
        if first.status in REFUSED:
            _not_allowed(expect, first)
        expect.status(first, CREATED)
        second = _put_where(fhir, value, birthDate=CHANGED)
        expect.status(second, OK)
        id_, _ = location(first)
        if id_ is not None:
            read = fhir.read("Patient", id_)
            seen = quoted(read.resource.get("birthDate"))
            expect.that(seen == CHANGED, expected=f"birthDate {CHANGED}", seen=seen, evidence=[second, read])
        other = fhir.write("POST", "Patient", patient(value))
        if other.status != CREATED:
            expect.name(other)
            expect.skip(
                f"Un second Patient de même identifiant n'a pas été créé ({status_of(other)}).",
                f"A second Patient with the same identifier was not created ({status_of(other)}).",
            )
        expect.status(_put_where(fhir, value), SEVERAL)


@check(
    "SRV-UPD-06",
    expectation=SHALL,
    requirements=("fhir-r4@http-upsert",),
    title=Text(fr="Mise à jour qui crée", en="Update as create"),
    failure=Text(
        fr="Un PUT sur un nouvel id ne fait pas ce que updateCreate déclare.",
        en="A PUT to a new id does not do what updateCreate declares.",
    ),
    remedy=Text(
        fr="Répondre 201 si updateCreate est déclaré ; sinon 404 ou 405 sans rien créer.",
        en="Answer 201 when updateCreate is declared; otherwise 404 or 405, and create nothing.",
    ),
)
def update_as_create(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Send a PUT to an id that nobody has; a refusal by another status than 404 or 405 is a remark."""
    said = declared_writes(fhir, truth, expect, "update")
    id_ = f"lab-{truth.random('SRV-UPD-06/id').getrandbits(64):016x}"
    sent = patient(identifier_of(truth, "SRV-UPD-06"), id=id_)
    reply = fhir.write("PUT", f"Patient/{id_}", sent)
    if reply.status < FIRST_ERROR:
        fhir.delete(f"Patient/{id_}")
    if reply.status in REFUSED:
        _not_allowed(expect, reply)
    if declares(said, "Patient", "updateCreate"):
        expect.status(reply, CREATED)
        return
    expect.that(
        FIRST_ERROR <= reply.status < FIRST_SERVER_ERROR,
        expected="HTTP 404 or 405: updateCreate is not declared",
        seen=status_of(reply),
        evidence=[said.reply, reply],
    )
    expect.should(
        reply.status in NO_SUCH_PLACE, expected="HTTP 404 or 405", seen=status_of(reply), evidence=[reply]
    )


def _put_where(fhir: FhirClient, value: str, **changes: object) -> Reply:
    return fhir.write("PUT", f"Patient?identifier={SYSTEM}|{value}", patient(value, **changes))


def _not_allowed(expect: Expect, reply: Reply) -> None:
    expect.name(reply)
    expect.skip(
        f"L'identité n'a pas le droit de créer par une mise à jour ({status_of(reply)}).",
        f"The identity is not allowed to create by an update ({status_of(reply)}).",
    )
