"""A page whose next link leads to another host: following it would hand the token to a stranger."""

import orjson

from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage

LURE = "_page=lure"


def _lure(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    bundle = orjson.loads(answer.body) if answer.status == 200 and answer.body else {}
    if bundle.get("type") != "searchset":
        return None
    links = [link for link in bundle.get("link", []) if link["relation"] != "next"]
    bundle["link"] = [*links, {"relation": "next", "url": f"{stage.decoy_url}/fhir/Encounter?{LURE}"}]
    return FhirResponse(200, orjson.dumps(bundle), answer.headers)


ACT = Act(name="off-origin-next", after=_lure)
