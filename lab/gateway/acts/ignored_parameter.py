"""A search whose self link lacks one of its filters: the server says that it did not use it.

Spec: https://hl7.org/fhir/R4/search.html#conformance (the parameters that were used are in the self link)
"""

from urllib.parse import parse_qsl, urlencode

import orjson

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage
from lab.gateway.acts.next_cycle import by_get
from lab.gateway.searchset import own_address, searchset

_NAME = "ignored-parameter"


def _first_page(request: FhirRequest) -> bool:
    """Tell whether a search begins: who turns a page has compared the link on the first one."""
    return by_get(request) and not request.values("_page") and "none" not in request.values("_total")


def _forget(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    """Return the answer as if the first filter had not been understood; ``cast`` says which it was."""
    bundle = searchset(answer)
    address, _, query = own_address(bundle).partition("?")
    named = [p.name for p in stage.request.parameters if not p.name.startswith("_")]
    if not named or not address:
        return None
    kept = [(name, value) for name, value in parse_qsl(query) if name.partition(":")[0] != named[0]]
    others = [link for link in bundle["link"] if link["relation"] != "self"]
    own = f"{address}?{urlencode(kept, safe=':|,/')}" if kept else address
    bundle["link"] = [{"relation": "self", "url": own}, *others]
    stage.cast[_NAME] = named[0]
    return FhirResponse(200, orjson.dumps(bundle), answer.headers)


ACT = Act(name=_NAME, applies=_first_page, after=_forget, quiet=True)
