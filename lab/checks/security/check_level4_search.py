"""Level 4, specific resource: no search, count or variant of a parameter reaches outside the cohort.

Source: five-levels reference, P2; hapifhir/hapi-fhir #3249; OWASP API1:2023, CWE-203.
"""

from lab.api import (
    CRITICAL,
    HIGH,
    SERVER,
    Cohort,
    Expect,
    FhirClient,
    Reply,
    Text,
    Truth,
    probe,
    status_of,
)
from lab.checks.sample import match_ids
from lab.checks.security.compartment import about, clinical_types, patients_of
from lab.checks.security.likeness import answered
from lab.checks.security.restriction import restriction
from lab.checks.statement import objects

_PAGE = 200
_OK = 200


@probe(
    "L4-04",
    level=4,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L4-04",),
    title=Text(fr="Recherche par _id hors cohorte", en="Search by _id outside the cohort"),
    failure=Text(
        fr="Une recherche par _id trouve un patient hors cohorte, ou perd celui qui est dedans.",
        en="A search by _id finds a patient outside the cohort, or loses the one inside.",
    ),
    remedy=Text(
        fr="Joindre la cohorte à toute recherche par ET, quel que soit le paramètre du client.",
        en="Join the cohort to every search by AND, whatever parameter the client gives.",
    ),
)
def search_by_id(restricted: FhirClient, cohort: Cohort, expect: Expect) -> None:
    """Search the outside patient alone, then with an inside one: nothing, then one."""
    inside, outside = cohort.inside[0], cohort.outside[0]
    for asked, wanted in ((inside, (inside,)), (outside, ()), (f"{inside},{outside}", (inside,))):
        reply = restricted.search("Patient", _id=asked)
        if asked == outside and reply.status in {403, 404}:
            continue
        expect.status(reply, _OK)
        found = match_ids(reply, "Patient")
        expect.that(
            tuple(found) == wanted and reply.resource.get("total", len(wanted)) == len(wanted),
            expected=f"{len(wanted)} match",
            seen=f"{len(found)} match, total {reply.resource.get('total')}",
            evidence=[reply],
        )


@probe(
    "L4-06",
    level=4,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L4-06",),
    title=Text(fr="Total et _summary=count", en="Total and _summary=count"),
    failure=Text(
        fr="Un total compte des patients que l'identité ne voit pas, ou la recherche en perd.",
        en="A total counts patients that the identity does not see, or the search loses some.",
    ),
    remedy=Text(
        fr="Compter sur la cohorte, dans la même requête que celle qui donne les ressources.",
        en="Count on the cohort, in the same query as the one that gives the resources.",
    ),
)
def totals(restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect) -> None:
    """List every patient that the identity finds, and compare with the cohort and with both totals."""
    pages = list(restricted.pages(restricted.search("Patient", _count=_PAGE)))
    expect.status(pages[0], _OK)
    listed = [id_ for page in pages for id_ in match_ids(page, "Patient")]
    extra = set(listed) & set(cohort.outside)
    expect.that(not extra, expected="no outside patient", seen=f"{len(extra)} of them", evidence=pages[:3])
    if restriction(truth, expect).group:
        lost = set(cohort.inside) - set(listed)
        expect.that(not lost, expected="the whole cohort", seen=f"{len(lost)} lost", evidence=pages[:3])
    count = restricted.search("Patient", _summary="count")
    asked = restricted.search("Patient", _count=1, _total="accurate")
    for reply in (pages[0], count, asked):
        answered(reply, expect)
        total = reply.resource.get("total")
        if reply.status == _OK and total is not None:
            expect.that(
                total == len(set(listed)), expected=f"total {len(set(listed))}", seen=total, evidence=[reply]
            )


@probe(
    "L4-07",
    level=4,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L4-07",),
    title=Text(fr="Variantes du paramètre patient", en="Variants of the patient parameter"),
    failure=Text(
        fr="Une forme du paramètre patient ou subject atteint un patient hors cohorte.",
        en="A form of the patient or subject parameter reaches a patient outside the cohort.",
    ),
    remedy=Text(
        fr="Appliquer la cohorte aux ressources trouvées, non à la forme du paramètre qui les a cherchées.",
        en="Apply the cohort to the resources found, not to the form of the parameter that searched them.",
    ),
)
def patient_variants(
    fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """Search resources about an outside patient by every form of a reference, a chain and an identifier."""
    types = clinical_types(fhir, restriction(truth, expect))
    known = ((type_, about(fhir, type_, cohort.outside)) for type_ in types)
    type_, resource = next(((type_, found) for type_, found in known if found), ("", None))
    if resource is None:
        expect.skip(
            f"Aucune ressource d'un type ouvert ({', '.join(types) or 'aucun'}) ne concerne un patient hors "
            "cohorte.",
            f"No resource of an open type ({', '.join(types) or 'none'}) is about a patient outside the "
            "cohort.",
        )
    patient = min(set(cohort.outside) & patients_of(resource))
    forms: dict[str, object] = {
        "patient": f"Patient/{patient}",
        "subject": f"Patient/{patient}",
        "patient:Patient": patient,
        "subject:Patient": patient,
    }
    searches: list[dict[str, object]] = [{name: value} for name, value in forms.items()]
    searches += [{"patient": value} for value in (patient, f"{fhir.base_url}/Patient/{patient}")]
    searches += [{"patient": f"Patient/{patient}/_history/1"}, {"_id": resource["id"]}]
    if identifier := _identifier(fhir.read("Patient", patient)):
        searches += [{"patient.identifier": identifier}, {"subject:Patient.identifier": identifier}]
    for search in searches:
        reply = restricted.search(type_, {**search, "_count": 20})
        answered(reply, expect)
        reached = [r for r in reply.resources() if patients_of(r) & set(cohort.outside)]
        expect.that(
            not reached,
            expected="no match outside",
            seen=f"{len(reached)} matches, {status_of(reply)}, by {next(iter(search))}",
            evidence=[reply],
        )


def _identifier(reply: Reply) -> str:
    for item in objects(reply.resource.get("identifier")):
        if isinstance(item.get("system"), str) and isinstance(item.get("value"), str):
            return f"{item['system']}|{item['value']}"
    return ""
