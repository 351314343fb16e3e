"""SRV-SRC-19: what a server gives of one patient, by a compartment search and by $everything.

Specs: https://hl7.org/fhir/R4/compartmentdefinition.html, https://hl7.org/fhir/R4/patient-operation-everything.html
"""

from typing import Any

from lab.api import SHALL, Expect, FhirClient, Reply, Text, Truth, check, status_of
from lab.checks.element_values import values
from lab.checks.pool import OK, WHOLE, pools
from lab.checks.referring import referred
from lab.checks.sample import match_ids, matches
from lab.checks.security.compartment import patients_of
from lab.checks.security.compartment import referred as patients_referred
from lab.checks.statement import objects, statement

TYPE, MOST_PAGES, PATIENTS_TRIED = "Observation", 4, 5


@check(
    "SRV-SRC-19",
    expectation=SHALL,
    requirements=(
        "fhir-r4@compartment-search",
        "fhir-r4@patient-everything",
        "fhir-r4@patient-everything-compartment",
    ),
    title=Text(fr="Compartiment et $everything", en="Compartment search and $everything"),
    failure=Text(
        fr="La recherche dans le compartiment d'un patient, ou $everything, rend les données d'un autre ou "
        "en perd.",
        en="A search in the compartment of a patient, or $everything, gives data of another patient or loses "
        "some.",
    ),
    remedy=Text(
        fr="Ne rendre que ce qui se rapporte au patient de l'URL, et tout ce qui s'y rapporte.",
        en="Return only what is about the patient of the URL, and all that is about them.",
    ),
)
def one_patient_only(fhir: FhirClient, truth: Truth, expect: Expect) -> None:
    """Take a patient who has results; compare the compartment with a search, then read $everything.

    $everything gives at least the Patient; the whole of the compartment is recommended.
    """
    said = statement(fhir)
    if TYPE not in said.types or said.types[TYPE].parameters.get("patient") != "reference":
        expect.name(said.reply)
        expect.omit(
            f"Le CapabilityStatement ne déclare pas la recherche de {TYPE} par patient.",
            f"The CapabilityStatement declares no search of {TYPE} by patient.",
        )
    pool = pools(fhir, truth, expect, "Patient")[0]
    for patient in sorted(pool.ids)[:PATIENTS_TRIED]:
        direct = fhir.search(TYPE, {"patient": f"Patient/{patient}"}, _count=WHOLE)
        if match_ids(direct, TYPE) and direct.link("next") is None:
            break
    else:
        expect.skip(
            "Aucun des patients lus n'a d'Observation qui tienne en une page.",
            "None of the patients read has Observations that fit on one page.",
        )
    expect.name(direct)
    shown = [_compartment(fhir, expect, patient, direct), _everything(fhir, expect, patient, direct)]
    if not any(shown):
        expect.omit(
            "Le serveur ne connaît pas la recherche dans un compartiment et ne déclare pas $everything.",
            "The server does not know compartment searches and does not declare $everything.",
        )


def _compartment(fhir: FhirClient, expect: Expect, patient: str, direct: Reply) -> bool:
    """Search results in the compartment; a server that refuses it does not have it."""
    reply = fhir.get(f"Patient/{patient}/{TYPE}", {"_count": WHOLE})
    expect.name(reply)
    if 400 <= reply.status < 500 or reply.status == 501:
        return False
    expect.status(reply, OK)
    pages = list(fhir.pages(reply, MOST_PAGES))
    found = [resource for page in pages for resource in matches(page, TYPE)]
    strange = [resource for resource in found if patient not in patients_referred(resource)]
    expect.that(
        not strange,
        expected=f"{TYPE} of the patient only",
        seen=f"{len(strange)} that do not refer to the patient",
        evidence=pages,
    )
    lost = set(match_ids(direct, TYPE)) - {resource["id"] for resource in found}
    expect.that(
        not lost or pages[-1].link("next") is not None,
        expected=f"the {TYPE} that patient=[id] finds",
        seen=f"{len(lost)} missing",
        evidence=[direct, *pages],
    )
    return True


def _everything(fhir: FhirClient, expect: Expect, patient: str, direct: Reply) -> bool:
    """Read the record of the patient; nothing in it may be about somebody else alone."""
    if not _offers_everything(statement(fhir).reply):
        return False
    first = fhir.get(f"Patient/{patient}/$everything", {"_count": WHOLE})
    if first.status == 403:
        expect.should(False, expected="$everything open", seen=status_of(first), evidence=[first])
        return False
    expect.status(first, OK)
    pages = list(fhir.pages(first, MOST_PAGES))
    found = [resource for page in pages for resource in page.resources()]
    own = next((r for r in found if (r.get("resourceType"), r.get("id")) == ("Patient", patient)), None)
    whole = pages[-1].link("next") is None
    expect.that(own is not None or not whole, expected="the Patient itself", seen="not there", evidence=pages)
    linked = {id_ for type_, id_ in referred(fhir, own or {}, "link.other") if type_ == "Patient"}
    strange = [resource for resource in found if _is_strange(resource, {patient, *linked})]
    expect.that(
        not strange,
        expected="data of the patient only",
        seen=f"{len(strange)} about another patient",
        evidence=pages,
    )
    ids = {resource.get("id") for resource in found if isinstance(resource.get("id"), str)}
    lost = set(match_ids(direct, TYPE)) - ids if whole else set()
    expect.should(
        not lost, expected=f"every {TYPE} of the patient", seen=f"{len(lost)} missing", evidence=pages
    )
    return True


def _is_strange(resource: dict[str, Any], patients: set[str]) -> bool:
    """Tell whether a resource is about patients, none of whom is meant."""
    if resource.get("resourceType") != "Patient" and not values(resource, "subject") + values(
        resource, "patient"
    ):
        return False  # an organization, a practitioner: what the record refers to
    about = patients_of(resource)
    return bool(about) and not about & patients and not patients_referred(resource) & patients


def _offers_everything(reply: Reply) -> bool:
    return any(
        resource.get("type") == "Patient" and str(operation.get("name")).lstrip("$") == "everything"
        for rest in objects(reply.resource.get("rest"))
        for resource in objects(rest.get("resource"))
        for operation in objects(resource.get("operation"))
    )
