"""Level 4, specific resource: a search without a filter gives exactly the cohort, in every open type.

Source: five-levels reference, L4-05, P2 and P4 (losing visible data is a patient-safety defect).
"""

from lab.api import CRITICAL, SERVER, Cohort, Expect, FhirClient, Reply, Text, Truth, compartment, probe
from lab.checks.sample import match_ids, matches
from lab.checks.security.border import border, is_outside
from lab.checks.security.compartment import clinical_types, referred
from lab.checks.security.restriction import Restriction, restriction

_PAGE = 200
_MOST_PAGES = 12
_PAGES_OF_A_TYPE = 3
_TYPES = 5
_AT_ONCE = 50
_OK = 200
_POOLS = frozenset({"Group", "List"})
"""Those of other applications are hidden whoever their members are: see L4-31."""


@probe(
    "L4-05",
    level=4,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L4-05",),
    title=Text(fr="Recherche sans filtre", en="Unfiltered search"),
    failure=Text(
        fr="Une recherche sans filtre ne donne pas exactement la cohorte de l'identité.",
        en="A search without a filter does not give exactly the cohort of the identity.",
    ),
    remedy=Text(
        fr="Évaluer toute recherche sur la cohorte : ni ressource de trop, ni ressource perdue.",
        en="Evaluate every search on the cohort: no resource too many, none lost.",
    ),
)
def unfiltered_search(
    fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """List the patients over every page, then other open types against what the full identity finds."""
    limits = restriction(truth, expect)
    listed = 0
    if not limits.rights or limits.opens("Patient", "s"):
        _patients(restricted, cohort, limits, expect)
        listed += 1
    about_patients = set(compartment("Patient")) - _POOLS
    for type_ in [one for one in clinical_types(fhir, limits) if one in about_patients][:_TYPES]:
        listed += _type(fhir, restricted, type_, cohort, truth, expect)
    if not listed:
        expect.skip(
            "Les portées de l'identité restreinte n'ouvrent aucune recherche à comparer à sa cohorte.",
            "The scopes of the restricted identity open no search to compare with its cohort.",
        )


def _patients(restricted: FhirClient, cohort: Cohort, limits: Restriction, expect: Expect) -> None:
    pages = _pages(restricted.search("Patient", _count=_PAGE), restricted, _MOST_PAGES)
    expect.status(pages[0], _OK)
    found = {id_ for page in pages for id_ in match_ids(page, "Patient")}
    known = set(cohort.inside)
    extra = found - known if limits.group else found & set(cohort.outside)
    if _cut(pages) and not extra:
        expect.skip(
            f"La liste des patients dépasse {len(pages)} pages : le rappel n'a pas pu être mesuré.",
            f"The list of patients is longer than {len(pages)} pages: the recall could not be measured.",
        )
    lost = known - found
    expect.that(
        not extra and not lost,
        expected=f"the {len(known)} patients of the cohort",
        seen=f"{len(found)} patients, {len(extra)} too many, {len(lost)} lost",
        evidence=pages[:3],
    )


def _type(
    fhir: FhirClient, restricted: FhirClient, type_: str, cohort: Cohort, truth: Truth, expect: Expect
) -> bool:
    """Compare one type, and tell whether it could be: some servers want a filter, or page without end."""
    about = {"patient": ",".join(cohort.inside[:_AT_ONCE]), "_count": _PAGE}
    held = _pages(fhir.search(type_, about), fhir, _PAGES_OF_A_TYPE)
    seen = _pages(restricted.search(type_, _count=_PAGE), restricted, _PAGES_OF_A_TYPE)
    if seen[0].status != _OK:
        return False
    sides = border(cohort, truth)
    extra = sum(is_outside(one, sides) for page in seen for one in page.resources(type_))
    expect.that(
        not extra, expected=f"no {type_} about the outside", seen=f"{extra} of them", evidence=seen[:3]
    )
    wanted = {
        str(one["id"])
        for page in held
        for one in matches(page, type_)
        # A resource about somebody outside too may be hidden.
        if referred(one) and referred(one) <= sides.inside
    }
    if _cut(seen) or not wanted:
        return False
    lost = wanted - {id_ for page in seen for id_ in match_ids(page, type_)}
    expect.that(
        not lost,
        expected=f"the {len(wanted)} {type_} of the cohort",
        seen=f"{len(lost)} lost",
        evidence=[*seen[:3], *held[:3]],
    )
    return True


def _pages(first: Reply, client: FhirClient, limit: int) -> list[Reply]:
    return list(client.pages(first, limit))


def _cut(pages: list[Reply]) -> bool:
    return pages[-1].link("next") is not None
