"""Level 4, specific resource: a search without a filter gives exactly the cohort, in every open type.

Source: five-levels reference, L4-05, P2 and P4 (losing visible data is a patient-safety defect).
"""

from lab.api import CRITICAL, SERVER, Cohort, Expect, FhirClient, Reply, Text, Truth, compartment, probe
from lab.checks.sample import match_ids, matches
from lab.checks.security.border import border, is_outside
from lab.checks.security.compartment import clinical_types, referred
from lab.checks.security.listing import PAGE, cut, lists_exactly
from lab.checks.security.restriction import restriction

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
        known, outside = frozenset(cohort.inside), set(cohort.outside)
        lists_exactly(
            restricted,
            known,
            # Of patients that are only named one by one, others may exist that the manifest does not know.
            lambda found: found - known if limits.group else found & outside,
            _MOST_PAGES,
            expect,
        )
        listed += 1
    about_patients = set(compartment("Patient")) - _POOLS
    for type_ in [one for one in clinical_types(fhir, limits) if one in about_patients][:_TYPES]:
        listed += _type(fhir, restricted, type_, cohort, truth, expect)
    if not listed:
        expect.skip(
            "Les portées de l'identité restreinte n'ouvrent aucune recherche à comparer à sa cohorte.",
            "The scopes of the restricted identity open no search to compare with its cohort.",
        )


def _type(
    fhir: FhirClient, restricted: FhirClient, type_: str, cohort: Cohort, truth: Truth, expect: Expect
) -> bool:
    """Compare one type, and tell whether it could be: some servers want a filter, or page without end."""
    about = {"patient": ",".join(cohort.inside[:_AT_ONCE]), "_count": PAGE}
    held = _pages(fhir.search(type_, about), fhir, _PAGES_OF_A_TYPE)
    seen = _pages(restricted.search(type_, _count=PAGE), restricted, _PAGES_OF_A_TYPE)
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
    if cut(seen) or not wanted:
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
