"""The platform does not accept what is asked: 400, then 422, each with its OperationOutcome.

Spec: https://hl7.org/fhir/R4/http.html#general (status codes, OperationOutcome)
"""

from lab.fhir.response import FhirResponse, outcome
from lab.gateway.act import Act, Stage

_NAME = "strict-errors"
MARK = "lab-strict-error"


def _refuse(stage: Stage) -> FhirResponse:
    first = _NAME not in stage.cast
    stage.cast[_NAME] = MARK
    if first:
        return outcome(400, "invalid", f"The request is not understood ({MARK}).")
    return outcome(422, "business-rule", f"The request breaks a rule ({MARK}).")


ACT = Act(name=_NAME, times=2, instead=_refuse)
