"""SRV-ERR-02: what the answers to wrong requests tell besides the error.

A rule of the laboratory. Source: https://hl7.org/fhir/R4/security.html#AccessDenied; CWE-209
"""

from lab.api import SHALL, Expect, FhirClient, Reply, Text, Truth, check
from lab.checks.element_values import texts, tokens
from lab.checks.sample import Sample, sample
from lab.checks.telling import told, version_told
from lab.checks.wording import quoted

NOBODY, WRONG = "lab-no-such-id", "lab-unknown"
SHORTEST = 5


@check(
    "SRV-ERR-02",
    expectation=SHALL,
    requirements=("laboratory@silent-errors",),
    title=Text(fr="Diagnostics sans fuite", en="No leak in diagnostics"),
    failure=Text(
        fr="Une réponse d'erreur montre une trace de pile, du SQL, un chemin de fichier ou des données d'un "
        "patient.",
        en="An error answer shows a stack trace, SQL, a file path or data of a patient.",
    ),
    remedy=Text(
        fr="Donner des messages constants ; garder la cause au journal, avec le numéro de la requête.",
        en="Give constant messages; keep the cause in the log, with the number of the request.",
    ),
)
def silent_errors(fhir: FhirClient, truth: Truth, expect: Expect) -> None:
    """Provoke errors about nobody and about a known resource, and read every word of the answers."""
    found = sample(fhir, expect)
    control = _errors(fhir, truth, found.type, NOBODY)
    about = _errors(fhir, truth, found.type, found.ids[0])
    refused = [reply for reply in (*control, *about) if reply.status >= 400]
    if not refused:
        expect.skip("Aucune erreur n'a pu être provoquée.", "No error could be provoked.")
    said = " ".join(reply.text for reply in control)
    secrets = {word for word in _words(found) if word not in said}
    for reply in refused:
        inside = told(fhir, reply)
        expect.that(not inside, expected="a message that says what is wrong", seen=inside, evidence=[reply])
        leaked = any(word in reply.text for word in secrets)
        expect.that(not leaked, expected="no data in an error", seen="a name or number", evidence=[reply])
        version = version_told(reply)
        expect.should(
            not version, expected="no product version in an error", seen=quoted(version), evidence=[reply]
        )


def _errors(fhir: FhirClient, truth: Truth, type_: str, id_: str) -> list[Reply]:
    """Send requests that are wrong in themselves; none of them can write, and no body goes to a reader."""
    server = truth.subject.server
    replies = [
        fhir.read(type_, f"{id_}%22%27"),
        fhir.get(f"{type_}/{id_}/_history/{WRONG}"),
        fhir.get(f"{type_}/{id_}/${WRONG}"),
        fhir.search(type_, {"_id": id_, "_lastUpdated": WRONG}),
        fhir.search(type_, {"_id": id_, "_sort": f"{WRONG}'--"}),
        fhir.search(type_, {"_id": id_, "_include": WRONG}),
        fhir.search(type_, {"_id": id_, "_count": "'"}),
        fhir.get(f"{type_}?_id={id_}&_page={WRONG}&_getpages={WRONG}"),
        fhir.get(type_, {"_id": id_}, {"Accept": "image/png"}),
    ]
    if server is not None and not server.read_only:
        cut = f'{{"resourceType": "{type_}", "id": "{id_}"'.encode()
        replies.append(
            fhir.request("PUT", f"{type_}/{id_}", headers={"Content-Type": "application/fhir+json"}, body=cut)
        )
    return replies


def _words(found: Sample) -> set[str]:
    """Return the names and numbers of the resource that the errors are about."""
    first = found.resources[0]
    words = {code for _, code in tokens(first, "identifier")}
    words |= {text for path in ("name.family", "name.given", "birthDate") for text in texts(first, path)}
    return {word for word in words if len(word) >= SHORTEST and word not in found.ids}
