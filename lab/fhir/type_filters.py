"""The searches that ``_typeFilter`` of a bulk export holds, as the requests that they are.

Spec: https://hl7.org/fhir/uv/bulkdata/STU2/export.html#query-parameters
"""

import re

from lab.fhir.request import FhirRequest, parse
from lab.fhir.response import FhirError

_BETWEEN = re.compile(r",(?=[A-Z][A-Za-z]{1,63}\?)")
_FILTER = re.compile(r"(?P<type>[A-Z][A-Za-z]{1,63})\?(?P<query>.+)", re.DOTALL)


def type_filters(request: FhirRequest) -> tuple[FhirRequest, ...]:
    """Return one search on a type for each filter; a comma before a type separates two of them.

    Raises:
        FhirError: 400 when one is not written as a search.
    """
    texts = [text for value in request.values("_typeFilter") for text in _BETWEEN.split(value)]
    return tuple(_search(request, text) for text in texts)


def _search(request: FhirRequest, text: str) -> FhirRequest:
    match = _FILTER.fullmatch(text)
    if match is None:
        raise FhirError(400, "invalid", "_typeFilter holds searches written Type?criteria.")
    return parse("GET", match["type"], match["query"], {}, b"", base_url=request.base_url)
