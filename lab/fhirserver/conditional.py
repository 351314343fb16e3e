"""Find the one resource that a conditional create, update or reference is about, in the view only.

Spec: https://hl7.org/fhir/R4/http.html#ccreate
"""

from lab.fhir.condition import criteria_of
from lab.fhir.request import FhirRequest, Parameter, parse
from lab.fhir.response import FhirError
from lab.fhir.view import View
from lab.fhirserver.presentation import PARAMETERS as SHOWN
from lab.fhirserver.search.own import Scope
from lab.fhirserver.search.plan import find
from lab.fhirserver.search.reading import read
from lab.fhirserver.server import Server

_SEVERAL = 2


def matched(
    server: Server, request: FhirRequest, view: View, type_: str, parameters: tuple[Parameter, ...]
) -> str | None:
    """Return the id of the only match, None without a match.

    Raises:
        FhirError: 400 for criteria that are missing or unknown (an ignored one would match too much), 412
            when several resources match.
    """
    asked = tuple(p for p in parameters if p.name not in SHOWN)
    if not asked or any(p.name.startswith("_") and p.name not in COMMON for p in asked):
        raise FhirError(400, "invalid", "A condition is made of search criteria, one at least.")
    scope = Scope(server.store, view, request.base_url, server.store.now())
    found = find(server.store, read(scope, type_, asked, strict=True).query, _SEVERAL)
    if len(found) == _SEVERAL:
        raise FhirError(412, "multiple-matches", "Several resources meet the condition.")
    return found[0].id if found else None


def criteria(request: FhirRequest, type_: str, query: str) -> tuple[Parameter, ...]:
    """Return the parameters of a condition written as a query string.

    Raises:
        FhirError: 400 when it is not one.
    """
    text = criteria_of(query, type_, request.base_url)
    return parse("GET", type_, text, {}, b"", base_url=request.base_url).parameters


COMMON = frozenset({"_id", "_has", "_tag", "_security", "_profile", "_source", "_lastUpdated"})
"""The parameters of every type that select resources."""
