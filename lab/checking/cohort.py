"""Who is inside and who is outside the cohort of the restricted identity, as found on the application."""

from dataclasses import dataclass

from lab.checking.truth import Truth
from lab.fhir.client import FhirClient
from lab.model.target import Identity

_PAGE = 200


@dataclass(frozen=True)
class Cohort:
    """Patient ids that exist on the application, in order; both sides are needed to show anything."""

    inside: tuple[str, ...]
    outside: tuple[str, ...]


def find_cohort(identity: Identity, fhir: FhirClient, truth: Truth) -> Cohort:
    """Return the cohort that the manifest declares, met with what the full identity really finds."""
    if not identity.cohort_group:
        return Cohort(identity.inside, identity.outside)
    members = set(truth.groups.get(identity.cohort_group, ()))
    found: list[str] = []
    for page in fhir.pages(fhir.search("Patient", _count=_PAGE)):
        found += [str(resource.get("id")) for resource in page.resources("Patient", mode="match")]
    return Cohort(
        inside=tuple(id_ for id_ in found if id_ in members),
        outside=tuple(id_ for id_ in found if id_ not in members),
    )
