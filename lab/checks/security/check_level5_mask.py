"""Level 5, data: a masked element never comes out, however the resource is asked for.

Source: five-levels reference, L5; OWASP API3:2023; CWE-212.
"""

from lab.api import CRITICAL, MEDIUM, SERVER, Expect, FhirClient, Text, Truth, defects, probe
from lab.checks.sample import declared
from lab.checks.security.concealing import FEW, conceals, known, masking
from lab.checks.security.masked import Resource, values
from lab.checks.security.secret_values import secrets, strings, tells
from lab.checks.statement import part

_OK = 200
_SUBSETTED = "SUBSETTED"


@probe(
    "L5-01",
    level=5,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L5-01",),
    title=Text(fr="Divulgation directe", en="Direct disclosure"),
    failure=Text(
        fr="Un élément masqué sort dans une réponse, ou sa valeur ailleurs que dans cet élément.",
        en="A masked element comes out in an answer, or its value elsewhere than in that element.",
    ),
    remedy=Text(
        fr="Retirer les éléments masqués de toute réponse (lecture, recherche, versions), juste avant de "
        "l'envoyer.",
        en="Remove masked elements from every answer (read, search, versions) just before it is sent.",
    ),
)
def direct_disclosure(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Search, read and read versions; look for the elements, and for their values in bytes and headers."""
    limits = masking(truth, expect)
    interactions = declared(fhir)
    for type_, ids, whole in known(fhir, restricted, limits, expect):
        hidden = secrets(whole, limits.masked_of(type_))
        replies = [restricted.search(type_, _id=",".join(ids)), restricted.search(type_, _count=FEW)]
        replies.append(restricted.search_by_post(type_, {"_id": ids[0]}))
        replies += [restricted.read(type_, id_) for id_ in ids[:3]]
        codes = interactions.get(type_, frozenset())
        version = part(whole[0], "meta").get("versionId")
        if "vread" in codes and isinstance(version, str):
            replies.append(restricted.get(f"{type_}/{whole[0]['id']}/_history/{version}"))
        if "history-instance" in codes:
            replies.append(restricted.get(f"{type_}/{whole[0]['id']}/_history"))
        for reply in replies:
            conceals(reply, type_, limits, hidden, expect)


@probe(
    "L5-02",
    level=5,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L5-02",),
    title=Text(fr="_elements et _summary", en="_elements and _summary"),
    failure=Text(
        fr="Un paramètre qui choisit les éléments de la réponse fait sortir un élément masqué.",
        en="A parameter that chooses the elements of the answer brings a masked element out.",
    ),
    remedy=Text(
        fr="Appliquer le masque après _elements et _summary, jamais avant ni à leur place.",
        en="Apply the mask after _elements and _summary, never before or instead.",
    ),
)
def chosen_elements(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Ask for the masked elements by name, and for each form of summary, by read and by search."""
    limits = masking(truth, expect)
    for type_, ids, whole in known(fhir, restricted, limits, expect):
        hidden = secrets(whole, limits.masked_of(type_))
        elements = ",".join(path.split(".")[1] for path in limits.masked_of(type_))
        for choice in (
            {"_elements": elements},
            {"_summary": "data"},
            {"_summary": "text"},
            {"_summary": "true"},
        ):
            for reply in (
                restricted.get(f"{type_}/{ids[0]}", choice),
                restricted.search(type_, {"_id": ids[0], **choice}),
            ):
                conceals(reply, type_, limits, hidden, expect)


@probe(
    "L5-10",
    level=5,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L5-10",),
    title=Text(fr="Texte narratif", en="Narrative"),
    failure=Text(
        fr="Le texte narratif répète la valeur d'un élément masqué.",
        en="The narrative repeats the value of a masked element.",
    ),
    remedy=Text(
        fr="Retirer text des ressources masquées : il répète leurs éléments sous une forme qu'on ne filtre "
        "pas.",
        en="Remove text from masked resources: it repeats their elements in a form that cannot be filtered.",
    ),
)
def narrative(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Compare the narrative of the same resources as both identities get them."""
    limits = masking(truth, expect)
    read = told = 0
    for type_, ids, whole in known(fhir, restricted, limits, expect):
        paths = limits.masked_of(type_)
        for resource, id_ in zip(whole, ids, strict=True):
            said = {text for value in values(resource, paths) for text in strings(value)}
            div = _div(resource)
            repeated = {text for text in said if tells(div, text)}
            read += 1
            told += bool(repeated)
            if repeated:
                reply = restricted.read(type_, id_)
                expect.status(reply, _OK)
                expect.that(
                    not any(tells(_div(reply.resource), text) for text in repeated),
                    expected="no masked value in the narrative",
                    seen=f"a value of {', '.join(paths)}",
                    evidence=[reply],
                )
    if not told:
        expect.omit(
            f"Aucun texte narratif ne répète un élément masqué : {read} ressources lues avec l'identité "
            "complète.",
            f"No narrative repeats a masked element: {read} resources read with the full identity.",
        )


@probe(
    "L5-26",
    level=5,
    severity=MEDIUM,
    role=SERVER,
    requirements=("five-levels@L5-26",),
    title=Text(fr="Ressource masquée encore valide", en="Masked resource still valid"),
    failure=Text(
        fr="Une ressource masquée n'est plus une ressource FHIR valide.",
        en="A masked resource is no longer a valid FHIR resource.",
    ),
    remedy=Text(
        fr="Remplacer un élément obligatoire masqué par l'extension data-absent-reason de valeur masked.",
        en="Replace a masked mandatory element by the data-absent-reason extension with the value masked.",
    ),
)
def still_valid(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Validate what the restricted identity reads: masking must add no defect, and should say SUBSETTED."""
    limits = masking(truth, expect)
    for type_, ids, whole in known(fhir, restricted, limits, expect):
        for resource, id_ in zip(whole[:3], ids, strict=False):
            reply = restricted.read(type_, id_)
            expect.status(reply, _OK)
            added = sorted(_defects_of(reply.resource) - _defects_of(resource))
            seen = ", ".join(added[:3])
            expect.that(not added, expected="no defect added by the mask", seen=seen, evidence=[reply])
            expect.should(
                _SUBSETTED in str(part(reply.resource, "meta").get("tag")),
                expected="the tag SUBSETTED on an incomplete resource",
                seen="no such tag",
                evidence=[reply],
            )


def _defects_of(resource: Resource) -> set[str]:
    try:
        return {f"{defect.path} ({defect.rule})" for defect in defects(resource)}
    except ValueError:
        return {"nested too deep to be validated"}


def _div(resource: Resource) -> str:
    div = part(resource, "text").get("div")
    return div if isinstance(div, str) else ""
