"""The connection breaks in the middle of an answer, whose first half names records that do not exist.

Spec: https://www.rfc-editor.org/rfc/rfc9112#section-8
"""

from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage
from lab.gateway.broken_off import broken_off
from lab.gateway.half_answer import GHOST, half_answer

_NAME = "half-body"


def _cut(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    half = half_answer(stage, answer)
    if half is None:
        return None
    stage.cast[_NAME] = GHOST
    return FhirResponse(200, headers=answer.headers, chunks=broken_off(half))


ACT = Act(name=_NAME, after=_cut)
