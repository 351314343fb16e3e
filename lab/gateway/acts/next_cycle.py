"""Pages whose next link leads back to themselves: who follows without looking never ends.

Rule of the laboratory; the links are those of https://hl7.org/fhir/R4/http.html#paging
"""

import orjson

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage, searched
from lab.gateway.searchset import own_address, searchset


def by_get(request: FhirRequest) -> bool:
    """Tell whether a search stands whole in its URL, which a link can then repeat."""
    return searched(request) and request.method == "GET"


def _turn_round(_: Stage, answer: FhirResponse) -> FhirResponse | None:
    bundle = searchset(answer)
    own = own_address(bundle)
    if not own:
        return None
    links = [link for link in bundle["link"] if link["relation"] != "next"]
    bundle["link"] = [*links, {"relation": "next", "url": own}]
    return FhirResponse(200, orjson.dumps(bundle), answer.headers)


ACT = Act(name="next-cycle", times=4, applies=by_get, after=_turn_round)
