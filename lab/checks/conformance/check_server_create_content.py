"""SRV-CRT: whether what was created is what was sent.

Specs: https://hl7.org/fhir/R4/http.html#create, https://hl7.org/fhir/R4/extensibility.html#modifierExtension
"""

import re
from collections.abc import Iterator
from typing import Any

from lab.api import SHALL, SHOULD, Expect, FhirClient, Reply, Text, Truth, check, status_of
from lab.checks.statement import objects, part
from lab.checks.throwaway import identifier_of, location, patient, writable

OK, FIRST_ERROR, FIRST_SERVER_ERROR = 200, 400, 500
UNKNOWN = "urn:fhir-integration-lab:StructureDefinition/unknown"
MODIFIER = "urn:fhir-integration-lab:StructureDefinition/unknown-modifier"
WORDS = "Essai du laboratoire : contenu libre."
_TAG = re.compile(r"<[^>]*>")


@check(
    "SRV-CRT-03",
    expectation=SHOULD,
    requirements=("fhir-r4@http-create-same",),
    title=Text(fr="L'aller-retour garde tout le contenu", en="Round trip keeps all content"),
    failure=Text(
        fr="Une extension, une ressource contenue ou le texte d'une ressource créée manque à la lecture.",
        en="An extension, a contained resource or the narrative of a created resource is missing on read.",
    ),
    remedy=Text(
        fr="Garder et rendre tout ce qui est accepté : extensions, _élément, contained et text compris.",
        en="Keep and return all that is accepted, including extensions, _element, contained and text.",
    ),
)
def content_is_kept(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Create a Patient with content that simple servers lose, then read it."""
    writable(fhir, truth, expect, "create", "read")
    sent = patient(
        identifier_of(truth, "SRV-CRT-03"),
        text={
            "status": "additional",
            "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{WORDS}</p></div>',
        },
        contained=[{"resourceType": "Organization", "id": "org", "name": "Organisation d'essai"}],
        managingOrganization={"reference": "#org"},
        extension=[{"url": UNKNOWN, "valueString": "ressource"}],
        _birthDate={"extension": [{"url": UNKNOWN, "valueString": "élément"}]},
    )
    reply = fhir.write("POST", "Patient", sent)
    id_, _ = location(reply)
    expect.name(reply)
    if id_ is None:
        expect.skip(
            f"Le serveur n'accepte pas un tel Patient ({status_of(reply)}), ce que FHIR permet.",
            f"The server does not accept such a Patient ({status_of(reply)}), which FHIR allows.",
        )
    try:
        read = fhir.read("Patient", id_)
        expect.status(read, OK)
        lost = ", ".join(_lost(read.resource))
        expect.that(not lost, expected="all that was sent", seen=f"no {lost}", evidence=[reply, read])
    finally:
        fhir.delete(f"Patient/{id_}")


@check(
    "SRV-CRT-05",
    expectation=SHALL,
    requirements=("fhir-r4@modifier-extension",),
    title=Text(fr="modifierExtension inconnue à l'écriture", en="Unknown modifierExtension in a write"),
    failure=Text(
        fr="Une ressource est acceptée sans la modifierExtension inconnue qu'elle portait.",
        en="A resource is accepted without the unknown modifierExtension that it bore.",
    ),
    remedy=Text(
        fr="Refuser (422) une ressource à modifierExtension inconnue, ou la garder et la rendre entière.",
        en="Refuse (422) a resource with an unknown modifierExtension, or keep it and return it whole.",
    ),
)
def unknown_modifier(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Create a Patient with an unknown modifierExtension, which may reverse its meaning.

    FHIR lets a server store it unseen when it moves resources around unchanged; without the modifier the rest
    would say something else.
    """
    writable(fhir, truth, expect, "create", "read")
    modifiers = [{"url": MODIFIER, "valueBoolean": True}]
    sent = patient(identifier_of(truth, "SRV-CRT-05"), modifierExtension=modifiers)
    reply = fhir.write("POST", "Patient", sent)
    id_, _ = location(reply)
    if id_ is None:
        expect.that(
            FIRST_ERROR <= reply.status < FIRST_SERVER_ERROR,
            expected="a refusal, HTTP 422, or a creation",
            seen=status_of(reply),
            evidence=[reply],
        )
        _refused_for_the_modifier(fhir, expect, truth, reply)
        return
    try:
        read = fhir.read("Patient", id_)
        expect.status(read, OK)
        kept = objects(read.resource.get("modifierExtension"))
        expect.that(
            any(one.get("url") == MODIFIER and one.get("valueBoolean") is True for one in kept),
            expected="the modifierExtension, or a refusal",
            seen="accepted and dropped",
            evidence=[reply, read],
        )
    finally:
        fhir.delete(f"Patient/{id_}")


def _refused_for_the_modifier(fhir: FhirClient, expect: Expect, truth: Truth, refusal: Reply) -> None:
    """Skip when the server refuses the same Patient without the modifier: that is why it refused it."""
    plain = fhir.write("POST", "Patient", patient(identifier_of(truth, "SRV-CRT-05")))
    id_, _ = location(plain)
    expect.name(refusal, plain)
    if id_ is None:
        expect.skip(
            f"Le serveur refuse aussi le Patient d'essai sans modifierExtension ({status_of(plain)}).",
            f"The server also refuses the test Patient without the modifierExtension ({status_of(plain)}).",
        )
    fhir.delete(f"Patient/{id_}")


def _lost(read: dict[str, Any]) -> Iterator[str]:
    """Yield what a Patient that was read no longer holds; a server may write a narrative its own way."""
    reference = str(part(read, "managingOrganization").get("reference"))
    held = {f"#{one.get('id')}" for one in objects(read.get("contained")) if one.get("name")}
    narrative = _TAG.sub("", str(part(read, "text").get("div", "")))
    if not _extended(read, "ressource"):
        yield "extension"
    if not _extended(part(read, "_birthDate"), "élément"):
        yield "extension of birthDate"
    if reference not in held:
        yield "contained Organization"
    if WORDS not in narrative:
        yield "narrative"


def _extended(element: dict[str, Any], value: str) -> bool:
    found = objects(element.get("extension"))
    return any(one.get("url") == UNKNOWN and one.get("valueString") == value for one in found)
