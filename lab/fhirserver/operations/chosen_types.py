"""The types that ``_type`` of ``$everything`` and ``$export`` chooses among those that the view shows.

Spec: https://hl7.org/fhir/uv/bulkdata/STU2/export.html#query-parameters
"""

from collections.abc import Iterable

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError
from lab.fhir.view import View


def exported_types(request: FhirRequest, view: View, possible: Iterable[str]) -> tuple[str, ...]:
    """Return the types to read, in the order of those that are possible.

    Raises:
        FhirError: 400 when a type is named that is not possible, or that the view does not show.
    """
    seen = tuple(type_ for type_ in possible if view.sees(type_))
    named = {type_.strip() for value in request.values("_type") for type_ in value.split(",")}
    if not named <= set(seen):
        raise FhirError(400, "not-supported", "_type names a resource type that this operation cannot give.")
    return tuple(type_ for type_ in seen if not named or type_ in named)
