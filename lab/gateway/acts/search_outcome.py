"""A page with a hint of the server and a resource that only comes along: entries that are no match.

Spec: https://hl7.org/fhir/R4/search.html#entries (match, include, outcome)
"""

import orjson

from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage
from lab.gateway.searchset import searchset

OUTCOME, COMPANION = "lab-search-outcome", "lab-search-companion"
_HINT = {
    "resourceType": "OperationOutcome",
    "id": OUTCOME,
    "issue": [{"severity": "information", "code": "informational", "diagnostics": "Some filters are slow."}],
}
_ALONG = {"resourceType": "Organization", "id": COMPANION, "active": True, "name": "Laboratoire"}


def _mingled(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    bundle = searchset(answer)
    matches = bundle.get("entry")
    if not matches or stage.request.type == "Organization":
        return None
    along = {
        "fullUrl": f"{stage.request.base_url}/Organization/{COMPANION}",
        "resource": _ALONG,
        "search": {"mode": "include"},
    }
    bundle["entry"] = [{"resource": _HINT, "search": {"mode": "outcome"}}, *matches, along]
    return FhirResponse(200, orjson.dumps(bundle), answer.headers)


ACT = Act(name="search-outcome", after=_mingled, quiet=True)
