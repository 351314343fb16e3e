"""Level 5, data: masks reach what is within a resource: contained ones, extensions, references, meta.

Source: five-levels reference, L5-11 to L5-16; CWE-212; HL7/data-access-policies (limit on Patient.meta).
"""

from collections.abc import Collection, Iterator

from lab.api import CRITICAL, HIGH, MEDIUM, SERVER, Expect, FhirClient, Reply, Text, Truth, probe
from lab.checks.security.border import planted, shape
from lab.checks.security.concealing import concealed, known, masking, told
from lab.checks.security.leaves import leaves
from lab.checks.security.likeness import answered
from lab.checks.security.masked import Resource, resources_in, shown, values
from lab.checks.security.restriction import Restriction
from lab.checks.security.secret_values import strings
from lab.checks.statement import objects, part

_OK = 200
_LONG = 6
"""Shorter texts, as a postal code, may stand in an extension for a reason of their own."""


@probe(
    "L5-11",
    level=5,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L5-11",),
    title=Text(fr="Ressources contenues", en="Contained resources"),
    failure=Text(
        fr="Une ressource contenue garde les éléments masqués de son type.",
        en="A contained resource keeps the masked elements of its type.",
    ),
    remedy=Text(
        fr="Appliquer le masque de son type à chaque ressource de contained, ou retirer contained.",
        en="Apply the mask of its type to every resource in contained, or drop contained.",
    ),
)
def contained(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Read and search the planted result that contains a patient."""
    limits = masking(truth, expect)
    path = shape(planted(truth, expect), "contained", expect)
    _stays_in(path, fhir, restricted, limits, truth, expect)


@probe(
    "L5-12",
    level=5,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L5-12",),
    title=Text(fr="Donnée masquée dans une extension", en="Extensions"),
    failure=Text(
        fr="Une extension (birthPlace, birthTime, nom de naissance de la mère...) répète la valeur d'un "
        "élément masqué.",
        en="An extension (birthPlace, birthTime, maiden name...) repeats the value of a masked element.",
    ),
    remedy=Text(
        fr="Retirer avec un élément ses extensions, son membre en _ et les extensions qui le répètent.",
        en="Remove with an element its extensions, its member that begins with _ and what repeats it.",
    ),
)
def extensions(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Look into all extensions of visible resources for what masks hide of them."""
    limits = masking(truth, expect)
    read = told_ = 0
    for type_, ids, whole in known(fhir, restricted, limits, expect):
        paths = limits.masked_of(type_)
        for resource, id_ in zip(whole, ids, strict=True):
            read += 1
            secrets = {text for value in values(resource, paths) for text in strings(value)}
            hidden = {text for text in secrets if len(text) >= _LONG and _in_extensions(resource, {text})}
            if not hidden:
                continue
            told_ += 1
            for reply in (restricted.read(type_, id_), restricted.search(type_, _id=id_)):
                expect.status(reply, _OK)
                places = [
                    place for one in resources_in(reply.json, type_) if (place := _in_extensions(one, hidden))
                ]
                expect.that(
                    not places, expected="no masked value in extensions", seen=places[:3], evidence=[reply]
                )
    if not told_:
        expect.omit(
            f"Aucune extension ne répète un élément masqué : {read} ressources lues en entier.",
            f"No extension repeats a masked element: {read} resources read with the full identity.",
        )


@probe(
    "L5-14",
    level=5,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L5-14",),
    title=Text(fr="Identité dans les références", en="Identity inside references"),
    failure=Text(
        fr="Une référence garde l'identifiant ou le libellé masqué du patient qu'elle désigne.",
        en="A reference keeps the masked identifier or label of the patient that it names.",
    ),
    remedy=Text(
        fr="Retirer identifier et display des références aux patients quand leur identité est masquée.",
        en="Remove identifier and display from references to patients when their identity is masked.",
    ),
)
def references(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Read and search the planted result whose subject bears the number and name of the patient."""
    limits = masking(truth, expect)
    path = shape(planted(truth, expect), "told", expect)
    _stays_in(path, fhir, restricted, limits, truth, expect)


@probe(
    "L5-15",
    level=5,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L5-15",),
    title=Text(fr="Contenants imbriqués", en="Nested containers"),
    failure=Text(
        fr="Une ressource dans un Bundle de Bundle, un document ou des Parameters sort sans masque.",
        en="A resource within a Bundle of a Bundle, a document or Parameters comes out unmasked.",
    ),
    remedy=Text(
        fr="Masquer chaque ressource où qu'elle soit dans la réponse, pas seulement entry[].resource.",
        en="Mask every resource wherever it stands in the answer, not only in entry[].resource.",
    ),
)
def nested(restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Read a stored Bundle, a document, a batch of searches, and everything about a patient."""
    limits = masking(truth, expect)
    canary, hidden = planted(truth, expect), concealed(truth, limits)
    patient = canary.inside()[0]
    replies = list(_containers(restricted, canary.shapes, patient))
    seen = [reply for reply in replies if _holds(reply, patient)]
    for reply in replies:
        answered(reply, expect)
        value = _told_in(reply, limits, hidden)
        expect.that(not value, expected="masked within", seen=value, evidence=[reply])
    if not seen:
        expect.name(*replies[:8])
        expect.omit(
            "Aucun contenant imbriqué ne donne ce patient à l'identité restreinte : "
            + ", ".join(f"HTTP {reply.status}" for reply in replies),
            "No nested container gives this patient to the restricted identity: "
            + ", ".join(f"HTTP {reply.status}" for reply in replies),
        )


@probe(
    "L5-16",
    level=5,
    severity=MEDIUM,
    role=SERVER,
    requirements=("five-levels@L5-16",),
    title=Text(fr="meta révèle la cohorte", en="meta discloses the cohort"),
    failure=Text(
        fr="Les étiquettes de meta (tag, security, source) d'un patient masqué révèlent sa cohorte.",
        en="The labels in meta (tag, security, source) of a masked patient disclose its cohort.",
    ),
    remedy=Text(
        fr="Ne laisser dans meta d'une ressource masquée que profile et l'étiquette SUBSETTED.",
        en="Leave in meta of a masked resource only profile and the tag SUBSETTED.",
    ),
)
def labels(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Look for the labels that the full identity reads on a planted patient."""
    masking(truth, expect)
    patient = planted(truth, expect).inside()[0]
    whole = fhir.read("Patient", patient)
    marks = {
        str(label["code"])
        for name in ("tag", "security")
        for label in objects(part(whole.resource, "meta").get(name))
        if len(str(label.get("code", ""))) >= _LONG
    }
    expect.name(whole)
    if not marks:
        expect.omit(
            "L'application ne garde pas les étiquettes du patient marqué (meta.tag, meta.security).",
            "The application does not keep the labels of the marked patient (meta.tag, meta.security).",
        )
    for reply in (
        restricted.read("Patient", patient),
        restricted.search("Patient", _id=patient),
        restricted.get(f"Patient/{patient}", {"_summary": "true"}),
        restricted.get(f"Patient/{patient}", {"_elements": "meta"}),
    ):
        answered(reply, expect)
        said = [str(one.get("meta")) for one in resources_in(reply.json, "Patient")]
        found = sorted(mark for mark in marks if any(mark in meta for meta in said))
        expect.that(not found, expected="no label of the cohort", seen=", ".join(found), evidence=[reply])


def _stays_in(
    path: str, fhir: FhirClient, restricted: FhirClient, limits: Restriction, truth: Truth, expect: Expect
) -> None:
    """Expect that no answer about a planted resource tells the masked values that stand in it."""
    hidden, whole = concealed(truth, limits), fhir.get(path)
    if not told(hidden, whole):
        expect.name(whole)
        expect.omit(
            f"{path} ne répète aucune valeur masquée à l'identité restreinte, d'après l'identité complète.",
            f"{path} repeats no value that is masked from the restricted identity, as the full one reads it.",
        )
    type_, _, id_ = path.partition("/")
    replies = (
        restricted.get(path),
        restricted.search(type_, _id=id_),
        restricted.search_by_post(type_, {"_id": id_}),
        restricted.get(path, {"_elements": "contained,subject"}),
    )
    for reply in replies:
        answered(reply, expect)
        value = _told_in(reply, limits, hidden)
        expect.that(not value, expected=f"masked within {path}", seen=value, evidence=[reply])
    if not any(one.get("id") == id_ for reply in replies for one in resources_in(reply.json, type_)):
        expect.omit(
            f"{path} n'est pas donné à l'identité restreinte, qui n'en apprend donc rien "
            f"(HTTP {replies[0].status}).",
            f"{path} is not given to the restricted identity, which thus learns nothing of it "
            f"(HTTP {replies[0].status}).",
        )


def _told_in(reply: Reply, limits: Restriction, hidden: frozenset[str]) -> str:
    open_ = {
        found
        for type_ in limits.masked_types
        for one in resources_in(reply.json, type_)
        for found in shown(one, limits.masked_of(type_))
    }
    return ", ".join(sorted(open_)) or told(hidden, reply)


def _in_extensions(resource: Resource, hidden: Collection[str]) -> str:
    """Return where an extension of a resource tells one of the texts, or nothing."""
    said = ((path, leaf) for path, leaf in leaves(resource) if "xtension" in path and isinstance(leaf, str))
    return next((path for path, leaf in said if any(text in leaf for text in hidden)), "")


def _containers(client: FhirClient, shapes: object, patient: str) -> Iterator[Reply]:
    held = shapes if isinstance(shapes, dict) else {}
    for name in ("bundle", "composition"):
        if path := held.get(name):
            yield client.get(path)
            yield client.search(path.partition("/")[0], _id=path.partition("/")[2])
            yield client.get(f"{path}/$document")
    asked = (f"Patient?_id={patient}", f"Patient/{patient}", f"Patient/{patient}/$everything")
    yield client.write(
        "POST",
        "",
        {
            "resourceType": "Bundle",
            "type": "batch",
            "entry": [{"request": {"method": "GET", "url": url}} for url in asked],
        },
    )
    yield client.get(f"Patient/{patient}/$everything")


def _holds(reply: Reply, patient: str) -> bool:
    return any(one.get("id") == patient for one in resources_in(reply.json, "Patient"))
