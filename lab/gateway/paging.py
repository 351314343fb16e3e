"""Give an application smaller pages than it asked for, as any server may.

Spec: https://hl7.org/fhir/R4/search.html#count
"""

import re
from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.fhir.request import FhirRequest, Parameter

_COUNT = re.compile(r"[0-9]{1,9}")


def limited(request: FhirRequest, limit: int) -> FhirRequest:
    """Return a search, or ``$everything``, with its ``_count`` lowered to the limit; the rest as it is."""
    pages = request.interaction is Interaction.SEARCH_TYPE or request.operation == "$everything"
    if not pages or request.values("_page"):
        return request
    asked = [int(value) for value in request.values("_count") if _COUNT.fullmatch(value)]
    others = tuple(p for p in request.parameters if p.name != "_count")
    count = Parameter("_count", str(min([limit, *asked])))
    return replace(request, parameters=(*others, count))
