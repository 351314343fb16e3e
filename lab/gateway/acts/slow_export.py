"""An export takes its time: 202 with Retry-After, then 202 without a word of when to come back.

Spec: https://hl7.org/fhir/uv/bulkdata/STU2/export.html#bulk-data-status-request
"""

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage

_NAME = "slow-export"
WAIT_S = 2
_TIMES = 4


def asks_status(request: FhirRequest) -> bool:
    """Tell whether the status of an export is asked for."""
    return request.operation == "$export-status" and request.method == "GET"


def _running(stage: Stage) -> FhirResponse:
    first = _NAME not in stage.cast
    stage.cast[_NAME] = "/".join(stage.request.arguments)
    headers = (("x-progress", "in progress"),)
    return FhirResponse(202, headers=(*headers, ("retry-after", str(WAIT_S))) if first else headers)


ACT = Act(name=_NAME, times=_TIMES, applies=asks_status, instead=_running)
