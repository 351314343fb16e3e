"""What the application creates is created, but the answer is lost on the way: a proxy says 504.

Spec: https://www.rfc-editor.org/rfc/rfc9110#section-15.6.5
"""

from lab.fhir.interaction import Interaction
from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage

_PAGE = b"<!doctype html><html><head><title>504 Gateway Timeout</title></head><body></body></html>"
_TAKEN = frozenset({200, 201})


def _creates(request: FhirRequest) -> bool:
    return request.interaction is Interaction.CREATE


def _lose(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    del stage
    return FhirResponse(504, _PAGE, (("content-type", "text/html"),)) if answer.status in _TAKEN else None


ACT = Act(name="lost-reply", applies=_creates, after=_lose)
