"""SRV-UPD: updating a resource.

Spec: https://hl7.org/fhir/R4/http.html#update
"""

from typing import NoReturn

from lab.api import SHALL, Expect, FhirClient, Reply, Text, Truth, check, status_of
from lab.checks.statement import part
from lab.checks.throwaway import Throwaway, created, identifier_of, version_tag, writable
from lab.checks.wording import quoted

OK, FIRST_REDIRECT, CONFLICT, PRECONDITION_FAILED = 200, 300, 409, 412
REFUSED = frozenset({401, 403})
FIRST, SECOND = "1971-02-03", "1972-03-04"


@check(
    "SRV-UPD-01",
    expectation=SHALL,
    requirements=("fhir-r4@http-update-status", "fhir-r4@http-update-version"),
    title=Text(fr="La mise à jour fait une nouvelle version", en="Update makes a new version"),
    failure=Text(
        fr="La mise à jour ne répond pas 200, n'est pas relue, ou ne change pas meta.versionId.",
        en="Update does not answer 200, is not read back, or does not change meta.versionId.",
    ),
    remedy=Text(
        fr="Répondre 200 à un PUT sur une ressource existante et lui donner un nouveau meta.versionId.",
        en="Answer 200 to a PUT on an existing resource and give it a new meta.versionId.",
    ),
)
def update_makes_a_version(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Change the birth date of a Patient and read it again; without versions, only the content is judged."""
    known = writable(fhir, truth, expect, "create", "read", "update")
    with created(fhir, expect, identifier_of(truth, "SRV-UPD-01")) as it:
        before = _read(fhir, expect, it)
        reply = _put(fhir, it, version_tag(before), birthDate=FIRST)
        if reply.status in REFUSED:
            _not_allowed(expect, reply)
        expect.status(reply, OK)
        after = _read(fhir, expect, it)
        _born(expect, after, FIRST, reply)
        old, new = (part(r.resource, "meta").get("versionId") for r in (before, after))
        promised = known.versioning in {"versioned", "versioned-update"}
        expect.that(
            new != old or (new is None and not promised),
            expected="another meta.versionId",
            seen=quoted(new) if new is not None else "no versionId, though versions are declared",
            evidence=[before, after],
        )


@check(
    "SRV-UPD-02",
    expectation=SHALL,
    requirements=("fhir-r4@http-update-id",),
    title=Text(fr="L'id du corps est celui de l'URL", en="The body id matches the URL"),
    failure=Text(
        fr="Un PUT dont l'id du corps manque ou diffère de l'URL ne répond pas 400.",
        en="A PUT whose body id is missing or differs from the URL does not answer 400.",
    ),
    remedy=Text(
        fr="Répondre 400 quand l'id du corps manque ou n'est pas celui de l'URL, et ne rien écrire.",
        en="Answer 400 when the id of the body is missing or is not that of the URL, and write nothing.",
    ),
)
def body_id_must_match(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Send a PUT without id, then one with another id; the resource stays as it was."""
    writable(fhir, truth, expect, "create", "read", "update")
    other = f"lab-{truth.random('SRV-UPD-02/id').getrandbits(64):016x}"
    with created(fhir, expect, identifier_of(truth, "SRV-UPD-02")) as it:
        tag = version_tag(_read(fhir, expect, it))
        for id_ in (None, other):
            reply = _put(fhir, it, tag, id=id_, birthDate=FIRST)
            if reply.status < FIRST_REDIRECT and id_ is not None:
                fhir.delete(f"Patient/{id_}")
            if reply.status in REFUSED:
                _not_allowed(expect, reply)
            expect.status(reply, 400)
        _born(expect, _read(fhir, expect, it), str(it.sent["birthDate"]), reply)


@check(
    "SRV-UPD-03",
    expectation=SHALL,
    requirements=("fhir-r4@http-if-match",),
    title=Text(fr="If-Match périmé refusé", en="Stale If-Match refused"),
    failure=Text(
        fr="Un PUT dont le If-Match est périmé ne répond pas 412, ou écrit quand même.",
        en="A PUT whose If-Match is stale does not answer 412, or writes all the same.",
    ),
    remedy=Text(
        fr="Comparer If-Match à la version courante ; si elle diffère, répondre 412 et ne rien écrire.",
        en="Compare If-Match with the current version; when it differs, answer 412 and write nothing.",
    ),
)
def stale_update_is_refused(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Update a Patient, then update it again with the tag of its first version."""
    known = writable(fhir, truth, expect, "create", "read", "update")
    if known.versioning != "versioned-update":
        expect.omit(
            "Le CapabilityStatement ne déclare pas Patient en versioned-update.",
            "The CapabilityStatement does not declare Patient as versioned-update.",
        )
    with created(fhir, expect, identifier_of(truth, "SRV-UPD-03")) as it:
        stale = version_tag(_read(fhir, expect, it))
        first = _put(fhir, it, stale, birthDate=FIRST)
        current = version_tag(_read(fhir, expect, it))
        if first.status >= FIRST_REDIRECT or not stale or stale == current:
            expect.skip(
                f"La première mise à jour n'a pas fait de version ({status_of(first)}) : voir SRV-UPD-01.",
                f"The first update made no version ({status_of(first)}): see SRV-UPD-01.",
            )
        reply = _put(fhir, it, stale, birthDate=SECOND)
        expect.status(reply, PRECONDITION_FAILED, CONFLICT)
        expect.should(
            reply.status == PRECONDITION_FAILED,
            expected="HTTP 412 (409 is that of STU3)",
            seen=status_of(reply),
            evidence=[reply],
        )
        _born(expect, _read(fhir, expect, it), FIRST, reply)


def _put(fhir: FhirClient, it: Throwaway, tag: str, **changes: str | None) -> Reply:
    """Send the Patient changed; a None takes the element out. A server may want If-Match on every update."""
    resource = {**it.sent, "id": it.id, **changes}
    left = {name: value for name, value in resource.items() if value is not None}
    return fhir.write("PUT", f"Patient/{it.id}", left, {"If-Match": tag})


def _read(fhir: FhirClient, expect: Expect, it: Throwaway) -> Reply:
    reply = fhir.read("Patient", it.id)
    if reply.status != OK or reply.type != "Patient":
        expect.name(reply)
        expect.skip(
            f"Le Patient d'essai ne se relit pas ({status_of(reply)}) : voir SRV-CRT-01.",
            f"The test Patient cannot be read back ({status_of(reply)}): see SRV-CRT-01.",
        )
    return reply


def _born(expect: Expect, read: Reply, day: str, written: Reply) -> None:
    found = quoted(read.resource.get("birthDate"))
    expect.that(found == day, expected=f"birthDate {day}", seen=found, evidence=[written, read])


def _not_allowed(expect: Expect, reply: Reply) -> NoReturn:
    expect.name(reply)
    expect.skip(
        f"L'identité n'a pas le droit de mettre à jour ({status_of(reply)}).",
        f"The identity is not allowed to update ({status_of(reply)}).",
    )
