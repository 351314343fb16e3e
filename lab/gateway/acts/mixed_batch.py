"""A batch is answered entry by entry: the first is refused, the second must wait, the others are given.

Spec: https://hl7.org/fhir/R4/http.html#transaction-response
"""

import orjson

from lab.fhir.interaction import Interaction
from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse, operation_outcome
from lab.gateway.act import Act, Stage

_LEAST = 3
_REFUSED = {"status": "403 Forbidden", "outcome": operation_outcome("forbidden", "This is not open.")}
_BUSY = {"status": "429 Too Many Requests", "outcome": operation_outcome("throttled", "Ask again later.")}


def _batched(request: FhirRequest) -> bool:
    return request.interaction is Interaction.BATCH


def _mix(_: Stage, answer: FhirResponse) -> FhirResponse | None:
    whole = orjson.loads(answer.body) if answer.status == 200 and answer.body else {}
    entries = whole.get("entry", [])
    if whole.get("type") != "batch-response" or len(entries) < _LEAST:
        return None
    mixed = [{"response": _REFUSED}, {"response": _BUSY}, *entries[2:]]
    return FhirResponse(200, orjson.dumps({**whole, "entry": mixed}), answer.headers)


ACT = Act(name="mixed-batch", applies=_batched, after=_mix)
