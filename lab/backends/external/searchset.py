"""A searchset Bundle of our own: matches, then what comes along, under the addresses of the gateway.

Spec: https://hl7.org/fhir/R4/http.html#search
"""

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

from lab.backends.external.desk import Desk
from lab.backends.external.showing import shown
from lab.fhir.request import FhirRequest, Parameter
from lab.fhir.response import FhirResponse
from lab.fhir.strict_json import Json


def searchset(
    desk: Desk,
    request: FhirRequest,
    links: Mapping[str, str],
    matches: Sequence[Json],
    others: Sequence[Json],
    total: int | None = None,
) -> FhirResponse:
    """Return the answer to a search; ``links`` by relation."""
    bundle: Json = {"resourceType": "Bundle", "type": "searchset"}
    if total is not None:
        bundle["total"] = total
    bundle["link"] = [{"relation": relation, "url": url} for relation, url in links.items()]
    entries = [
        {
            "fullUrl": f"{request.base_url}/{resource['resourceType']}/{resource['id']}",
            "resource": desk.outwards(request, resource),
            "search": {"mode": mode},
        }
        for mode, resources in (("match", matches), ("include", others))
        for resource in resources
    ]
    if entries:
        bundle["entry"] = entries
    return shown(request, bundle)


def self_link(address: str, parameters: Iterable[Parameter]) -> str:
    """Return the link that repeats what was asked."""
    pairs = [(p.name if p.modifier is None else f"{p.name}:{p.modifier}", p.value) for p in parameters]
    query = urlencode(pairs, safe=":|,/")
    return f"{address}?{query}" if query else address
