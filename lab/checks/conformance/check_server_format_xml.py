"""SRV-FMT: the XML form of a resource, where a server offers it.

Spec: https://hl7.org/fhir/R4/xml.html
"""

from lab.api import SHALL, Expect, FhirClient, Text, check
from lab.checks.sample import sample
from lab.checks.statement import statement
from lab.checks.wording import quoted
from lab.checks.xml_form import values_of_json, values_of_xml

OK, FHIR_XML = 200, "application/fhir+xml"
DECLARED = frozenset({"xml", "application/xml", "text/xml", FHIR_XML})
READ = 3


@check(
    "SRV-FMT-07",
    expectation=SHALL,
    requirements=("fhir-r4@xml-same-content",),
    title=Text(fr="Le XML dit la même chose que le JSON", en="XML equals JSON"),
    failure=Text(
        fr="La forme XML d'une ressource, que le serveur déclare, ne dit pas la même chose que le JSON.",
        en="The XML form of a resource, which the server declares, does not say the same as the JSON form.",
    ),
    remedy=Text(
        fr="Écrire les deux formes d'après le même modèle, ou retirer xml de CapabilityStatement.format.",
        en="Write both forms from the same model, or take xml out of CapabilityStatement.format.",
    ),
)
def same_in_xml(fhir: FhirClient, expect: Expect) -> None:
    """Read three resources in both forms and compare every value; narratives are not compared."""
    said = statement(fhir).reply
    formats = said.resource.get("format")
    named = [one for one in formats if isinstance(one, str)] if isinstance(formats, list) else []
    if DECLARED.isdisjoint(one.partition(";")[0].strip() for one in named):
        expect.name(said)
        expect.omit(
            f"Le CapabilityStatement ne déclare pas XML : {quoted(named)}.",
            f"The CapabilityStatement does not declare XML: {quoted(named)}.",
        )
    found = sample(fhir, expect)
    for id_ in found.ids[:READ]:
        in_json = fhir.read(found.type, id_)
        in_xml = fhir.get(f"{found.type}/{id_}", headers={"Accept": FHIR_XML})
        expect.status(in_json, OK)
        expect.status(in_xml, OK)
        media_type = (in_xml.header("content-type") or "none").partition(";")[0].strip().lower()
        expect.that(
            media_type == FHIR_XML,
            expected=f"Content-Type {FHIR_XML}",
            seen=quoted(media_type),
            evidence=[in_xml],
        )
        wanted, seen = values_of_json(in_json.text), values_of_xml(in_xml.body)
        expect.that(
            wanted is not None and seen is not None,
            expected="a resource in each form",
            seen="no JSON resource" if wanted is None else "no XML that can be read",
            evidence=[in_json, in_xml],
        )
        if wanted is not None and seen is not None:
            lost, added = sorted((wanted - seen).keys()), sorted((seen - wanted).keys())
            other = [f"{path} only in JSON" for path, _ in lost] + [
                f"{path} only in XML" for path, _ in added
            ]
            expect.that(
                not other,
                expected="the same values",
                seen=", ".join(quoted(one) for one in other[:3]),
                evidence=[in_json, in_xml],
            )
