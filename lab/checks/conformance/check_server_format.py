"""SRV-FMT: the media type and the JSON form of what a server answers.

Specs: https://hl7.org/fhir/R4/http.html#mime-type, https://hl7.org/fhir/R4/json.html
"""

from lab.api import SHALL, Expect, FhirClient, Reply, Text, check, defects
from lab.checks.json_form import blemishes
from lab.checks.sample import sample
from lab.checks.wording import quoted

FHIR_JSON = "application/fhir+json"


@check(
    "SRV-FMT-01",
    expectation=SHALL,
    requirements=("fhir-r4@http-mime-type",),
    title=Text(fr="Type de média FHIR JSON", en="FHIR JSON media type"),
    failure=Text(
        fr="À Accept: application/fhir+json, le serveur répond sous un autre Content-Type.",
        en="Asked with Accept: application/fhir+json, the server answers under another Content-Type.",
    ),
    remedy=Text(
        fr="Répondre Content-Type: application/fhir+json quand Accept le demande.",
        en="Answer Content-Type: application/fhir+json when Accept asks for it.",
    ),
)
def json_media_type(fhir: FhirClient, expect: Expect) -> None:
    """Look at the Content-Type of a read, of a search and of /metadata, all asked as FHIR JSON."""
    found = sample(fhir, expect)
    for reply in (fhir.read(found.type, found.ids[0]), found.reply, fhir.get("metadata")):
        media_type = (reply.header("content-type") or "none").partition(";")[0].strip().lower()
        expect.that(
            media_type == FHIR_JSON,
            expected=f"Content-Type {FHIR_JSON}",
            seen=quoted(media_type),
            evidence=[reply],
        )


@check(
    "SRV-FMT-08",
    expectation=SHALL,
    requirements=("fhir-r4@json-unique-names", "fhir-r4@json-never-empty", "fhir-r4@json-known-elements"),
    title=Text(fr="JSON propre", en="Clean JSON"),
    failure=Text(
        fr="Le JSON contient un tableau ou un objet vide, un null, une clé en double ou un élément inconnu.",
        en="The JSON holds an empty array or object, a null, a duplicate key or an unknown element.",
    ),
    remedy=Text(
        fr="Omettre les éléments vides ou nuls, n'écrire chaque clé qu'une fois et que des éléments de R4.",
        en="Leave out empty or null elements, write each key once and only elements of R4.",
    ),
)
def clean_json(fhir: FhirClient, expect: Expect) -> None:
    """Read one resource and one page of a search; look at the text as it came."""
    found = sample(fhir, expect)
    for reply in (fhir.read(found.type, found.ids[0]), found.reply):
        wrong = blemishes(reply.text)
        expect.that(wrong is not None, expected="JSON", seen="a body that is not JSON", evidence=[reply])
        wrong = [*(wrong or []), *_unknown_elements(reply)]
        seen = ", ".join(quoted(one) for one in wrong[:3])
        expect.that(not wrong, expected="clean JSON", seen=seen, evidence=[reply])


def _unknown_elements(reply: Reply) -> list[str]:
    found = [defect for defect in defects(reply.resource) if defect.rule == "unknown-element"]
    return [f"{defect.path} is no element of R4" for defect in found]
