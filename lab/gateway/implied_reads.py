"""What an operation reads without naming it, so that level 5 decides on it as on any search parameter.

``$everything`` and an export of patients tell to whom resources belong; dates choose among them; ``$lastn``
groups by code and orders by date. Where one of these elements is masked, the answer would tell of it.
"""

from collections.abc import Iterable, Iterator

from lab.fhir.care_dates import care_date
from lab.fhir.compartments import compartment
from lab.fhir.element_path import ElementPath
from lab.fhir.request import FhirRequest
from lab.fhir.search_parameters import definitions

_COMPARTMENTS = {
    *(("$everything", "Patient"), ("$everything", "Encounter")),
    *(("$export", "Group"), ("$export", "Patient")),
}


def implied(request: FhirRequest, masks: Iterable[ElementPath]) -> Iterator[tuple[str, str]]:
    """Yield the (type, search parameter) that an operation reads, of the types that have a mask."""
    masked = {mask.type: mask.release for mask in masks}
    types = sorted(masked)
    if (request.operation or "", request.type or "") in _COMPARTMENTS:
        root = "Encounter" if request.type == "Encounter" else "Patient"
        for type_ in types:
            if type_ != root:
                yield from ((type_, code) for code in compartment(root, masked[type_]).get(type_, ()))
    if (request.operation, request.type) == ("$everything", "Encounter"):
        yield "Encounter", "subject"
    if request.values("start") or request.values("end"):
        yield from ((type_, code) for type_ in types if (code := care_date(type_, masked[type_])) is not None)
    if request.values("_since"):
        yield from ((type_, "_lastUpdated") for type_ in types)
    if request.operation == "$lastn":
        yield from (("Observation", "code"), ("Observation", "date"))


def referred_through(masks: Iterable[ElementPath]) -> frozenset[str]:
    """Return the types outside the patient compartment that a masked reference may lead to.

    ``$everything`` brings what resources refer to: what would come through a masked reference must not.
    """
    found: set[str] = set()
    for mask in masks:
        inside = compartment("Patient", mask.release)
        for known in definitions(mask.type, mask.release).values():
            if known.type == "reference" and any(mask.overlaps(mask.type, path) for path in known.paths):
                found |= set(known.targets) - inside.keys()
    return frozenset(found)
