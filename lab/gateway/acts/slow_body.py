"""Two answers come piece by piece: the first is whole in the end, the second breaks off in the middle.

Who waits gets the first, and the end of the second is told to nobody: its first half names records that do
not exist, for those that take what came in time for an answer.

Spec: https://www.rfc-editor.org/rfc/rfc9112#section-8
"""

from dataclasses import replace

from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage
from lab.gateway.broken_off import broken_off
from lab.gateway.half_answer import GHOST, half_answer

SECONDS = 2.0
"""How long each of them takes: more than a reader of what is there at once waits, less than any deadline."""
_NAME = "slow-body"
_WHOLE = "whole"


def _trickle(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    half = half_answer(stage, answer)
    if half is None:
        return None
    if _NAME not in stage.cast:
        stage.cast[_NAME] = _WHOLE
        return replace(answer, over_s=SECONDS)
    stage.cast[_NAME] = GHOST
    return FhirResponse(200, headers=answer.headers, chunks=broken_off(half), over_s=SECONDS)


ACT = Act(name=_NAME, times=2, after=_trickle)
