"""SRV-PAT: changing parts of a resource.

Specs: https://hl7.org/fhir/R4/http.html#patch, https://hl7.org/fhir/R4/fhirpatch.html,
https://www.rfc-editor.org/rfc/rfc6902
"""

import json
from typing import Any

from lab.api import MAY, SHALL, Expect, FhirClient, Reply, Text, Truth, check, status_of
from lab.checks.statement import Statement
from lab.checks.throwaway import Throwaway, created, declared_writes, identifier_of, version_tag
from lab.checks.wording import quoted

OK, FIRST_REDIRECT, FIRST_ERROR, UNSUPPORTED = 200, 300, 400, 415
REFUSED = frozenset({401, 403})
JSON_PATCH, FHIR_JSON = "application/json-patch+json", "application/fhir+json"
BORN, CHANGED, NEVER = "1970-01-01", "1971-02-03", "1972-03-04"


@check(
    "SRV-PAT-01",
    expectation=SHALL,
    requirements=("fhir-r4@http-patch-json",),
    title=Text(fr="Correction par JSON Patch", en="JSON Patch"),
    failure=Text(
        fr="Un JSON Patch n'est pas appliqué, ou l'est en partie alors qu'une opération test échoue.",
        en="A JSON Patch is not applied, or is applied in part although a test operation fails.",
    ),
    remedy=Text(
        fr="Appliquer toutes les opérations de RFC 6902 ou aucune : un test qui échoue ne change rien.",
        en="Apply all operations of RFC 6902 or none: a test that fails changes nothing.",
    ),
)
def json_patch(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Replace a birth date after a test that holds, then replace it before a test that does not."""
    said = _patching(fhir, expect, truth, JSON_PATCH)
    with created(fhir, expect, identifier_of(truth, "SRV-PAT-01")) as it:
        good = [_operation("test", BORN), _operation("replace", CHANGED)]
        reply = _patch(fhir, it, JSON_PATCH, good)
        if reply.status == UNSUPPORTED and not said.reply.resource.get("patchFormat"):
            expect.name(reply)
            expect.omit(
                "Le serveur déclare patch sans patchFormat, et refuse JSON Patch (415).",
                "The server declares patch without patchFormat, and refuses JSON Patch (415).",
            )
        _applied(fhir, expect, it, reply)
        bad = [_operation("replace", NEVER), _operation("test", BORN)]
        reply = _patch(fhir, it, JSON_PATCH, bad)
        expect.that(
            reply.status >= FIRST_ERROR,
            expected="HTTP 4xx for a test that fails",
            seen=status_of(reply),
            evidence=[reply],
        )
        _born(fhir, expect, it, reply)


@check(
    "SRV-PAT-02",
    expectation=MAY,
    requirements=("fhir-r4@http-patch-fhirpath",),
    title=Text(fr="Correction par FHIRPath Patch", en="FHIRPath Patch"),
    failure=Text(
        fr="Un FHIRPath Patch, que le serveur déclare, n'est pas appliqué.",
        en="A FHIRPath Patch, which the server declares, is not applied.",
    ),
    remedy=Text(
        fr="Appliquer les opérations de la ressource Parameters, ou retirer son format de patchFormat.",
        en="Apply the operations of the Parameters resource, or take its format out of patchFormat.",
    ),
)
def fhirpath_patch(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Replace a birth date by a Parameters resource, where patchFormat names the JSON format of FHIR."""
    said = _patching(fhir, expect, truth, FHIR_JSON)
    if not said.reply.resource.get("patchFormat"):
        expect.omit(
            "Le CapabilityStatement n'a pas de patchFormat : FHIRPath Patch n'y est pas déclaré.",
            "The CapabilityStatement has no patchFormat: FHIRPath Patch is not declared in it.",
        )
    parts = [
        {"name": "type", "valueCode": "replace"},
        {"name": "path", "valueString": "Patient.birthDate"},
        {"name": "value", "valueDate": CHANGED},
    ]
    patch = {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]}
    with created(fhir, expect, identifier_of(truth, "SRV-PAT-02")) as it:
        _applied(fhir, expect, it, _patch(fhir, it, FHIR_JSON, patch))


def _patching(fhir: FhirClient, expect: Expect, truth: Truth, media_type: str) -> Statement:
    """Return what is declared; omits unless patches are, and of that format where formats are named."""
    said = declared_writes(fhir, truth, expect, "create", "read", "patch")
    formats = said.reply.resource.get("patchFormat")
    if isinstance(formats, list) and formats and media_type not in formats:
        expect.omit(
            f"patchFormat ne contient pas {media_type} : {quoted(formats)}.",
            f"patchFormat does not hold {media_type}: {quoted(formats)}.",
        )
    return said


def _operation(op: str, day: str) -> dict[str, str]:
    return {"op": op, "path": "/birthDate", "value": day}


def _patch(fhir: FhirClient, it: Throwaway, media_type: str, patch: Any) -> Reply:
    """Send a patch of the current version: a server may want If-Match on each."""
    headers = {"Content-Type": media_type, "If-Match": version_tag(fhir.read("Patient", it.id))}
    return fhir.request("PATCH", f"Patient/{it.id}", headers=headers, body=json.dumps(patch).encode())


def _applied(fhir: FhirClient, expect: Expect, it: Throwaway, reply: Reply) -> None:
    if reply.status in REFUSED:
        expect.name(reply)
        expect.skip(
            f"L'identité n'a pas le droit de corriger ({status_of(reply)}).",
            f"The identity is not allowed to patch ({status_of(reply)}).",
        )
    expect.that(
        OK <= reply.status < FIRST_REDIRECT, expected="HTTP 200", seen=status_of(reply), evidence=[reply]
    )
    _born(fhir, expect, it, reply)


def _born(fhir: FhirClient, expect: Expect, it: Throwaway, reply: Reply) -> None:
    read = fhir.read("Patient", it.id)
    seen = quoted(read.resource.get("birthDate"))
    expect.that(seen == CHANGED, expected=f"birthDate {CHANGED}", seen=seen, evidence=[reply, read])
