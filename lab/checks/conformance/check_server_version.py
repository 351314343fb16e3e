"""SRV-VER: reading a resource in one of its versions.

Spec: https://hl7.org/fhir/R4/http.html#vread
"""

from lab.api import SHALL, SHOULD, Expect, FhirClient, Reply, Text, Truth, check, status_of
from lab.checks.options import declares
from lab.checks.sample import is_id
from lab.checks.statement import part
from lab.checks.throwaway import created, declared_writes, identifier_of, version_tag, writable
from lab.checks.wording import quoted

OK, FIRST_REDIRECT = 200, 300
LATER = "1971-02-03"
NO_SUCH_VERSION = "987654321"
"""Digits: a server whose versions are numbers need not look at anything else."""


@check(
    "SRV-VER-01",
    expectation=SHALL,
    requirements=("fhir-r4@http-vread",),
    title=Text(fr="Lecture d'une version", en="Version read"),
    failure=Text(
        fr="La lecture d'une version passée ne rend pas le contenu et le versionId de cette version.",
        en="Reading a past version does not return the content and the versionId of that version.",
    ),
    remedy=Text(
        fr="Rendre à GET [type]/[id]/_history/[vid] la ressource telle qu'elle était dans cette version.",
        en="Return for GET [type]/[id]/_history/[vid] the resource as it was in that version.",
    ),
)
def past_version(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Update a Patient, then read both of its versions.

    A server may keep no past versions (404) unless it declares readHistory.
    """
    said = declared_writes(fhir, truth, expect, "create", "read", "update", "vread")
    with created(fhir, expect, identifier_of(truth, "SRV-VER-01")) as it:
        first = fhir.read("Patient", it.id)
        version = part(first.resource, "meta").get("versionId")
        changed = {**it.sent, "id": it.id, "birthDate": LATER}
        put = fhir.write("PUT", f"Patient/{it.id}", changed, {"If-Match": version_tag(first)})
        second = fhir.read("Patient", it.id)
        latest = part(second.resource, "meta").get("versionId")
        expect.name(first, put, second)
        if put.status >= FIRST_REDIRECT or not is_id(version) or version == latest:
            expect.skip(
                f"La mise à jour n'a pas fait de version ({status_of(put)}) : voir SRV-UPD-01.",
                f"The update made no version ({status_of(put)}): see SRV-UPD-01.",
            )
        past = fhir.get(f"Patient/{it.id}/_history/{version}")
        if past.status == 404 and not declares(said, "Patient", "readHistory"):
            expect.name(said.reply, past)
            expect.omit(
                "Le serveur ne garde pas les versions passées (404) et ne déclare pas readHistory.",
                "The server keeps no past versions (404) and does not declare readHistory.",
            )
        _is(expect, past, str(version), first)
        _is(expect, fhir.get(f"Patient/{it.id}/_history/{latest}"), str(latest), second)


@check(
    "SRV-VER-02",
    expectation=SHOULD,
    requirements=("fhir-r4@http-vread-404",),
    title=Text(fr="Version inconnue", en="Unknown version"),
    failure=Text(
        fr="La lecture d'une version qui n'existe pas ne répond pas 404.",
        en="Reading a version that does not exist does not answer 404.",
    ),
    remedy=Text(
        fr="Répondre 404 avec un OperationOutcome à une version inconnue, jamais une autre version.",
        en="Answer 404 with an OperationOutcome to an unknown version, never another version.",
    ),
)
def unknown_version(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Read a Patient that was just created in a version that it never had."""
    writable(fhir, truth, expect, "create", "vread")
    with created(fhir, expect, identifier_of(truth, "SRV-VER-02")) as it:
        reply = fhir.get(f"Patient/{it.id}/_history/{NO_SUCH_VERSION}")
        expect.status(reply, 404)


def _is(expect: Expect, reply: Reply, version: str, as_it_was: Reply) -> None:
    expect.status(reply, OK)
    for seen, expected in (
        (reply.resource.get("id"), as_it_was.resource.get("id")),
        (part(reply.resource, "meta").get("versionId"), version),
        (reply.resource.get("birthDate"), as_it_was.resource.get("birthDate")),
    ):
        expect.that(
            seen == expected,
            expected=f"version {version}, with {quoted(expected)}",
            seen=quoted(seen),
            evidence=[as_it_was, reply],
        )
