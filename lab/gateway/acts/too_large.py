"""What the application sends in a body is too large for the platform: 413, with its OperationOutcome.

Spec: https://www.rfc-editor.org/rfc/rfc9110#section-15.5.14
"""

from lab.fhir.interaction import Interaction
from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse, outcome
from lab.gateway.act import Act, Stage

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


def _sends(request: FhirRequest) -> bool:
    """Tell whether a resource, a Bundle or the form of a search is sent."""
    return request.method in _WITH_BODY and request.interaction is not Interaction.OPERATION


def _refuse(_: Stage) -> FhirResponse:
    return outcome(413, "too-long", "The body is larger than the platform takes: send less at a time.")


ACT = Act(name="too-large", applies=_sends, instead=_refuse)
