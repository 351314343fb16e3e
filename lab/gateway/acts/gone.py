"""What the application read by its id was deleted since: 410 from now on, and no search finds it any more.

The first that is read is spared when another one follows: what an application shows may hang on it.

Spec: https://hl7.org/fhir/R4/http.html#read
"""

from lab.fhir.interaction import Interaction
from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse, outcome
from lab.gateway.act import Act, Stage
from lab.gateway.answered import Json, rewritten

_NAME = "gone"
_SPARED = "gone-spared"
_HELD = frozenset({200, 304})


def _read(request: FhirRequest) -> bool:
    return request.interaction is Interaction.READ


def _begin(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    if answer.status not in _HELD:
        return None
    asked = f"{stage.request.type}/{stage.request.id}"
    if stage.cast.setdefault(_SPARED, asked) == asked and stage.cast.get(_NAME) is None:
        stage.cast[_NAME] = ""  # once only: the same one again, and it is the one
        return None
    stage.cast[_NAME] = asked
    return _without(stage, answer)


def _without(stage: Stage, answer: FhirResponse) -> FhirResponse:
    deleted = stage.cast[_NAME]
    if _read(stage.request) and f"{stage.request.type}/{stage.request.id}" == deleted:
        return outcome(410, "deleted", "The resource was deleted.")

    def change(resource: Json) -> Json | None:
        return None if f"{resource.get('resourceType')}/{resource.get('id')}" == deleted else resource

    return rewritten(answer, change)


ACT = Act(name=_NAME, applies=_read, after=_begin, lasting=_without)
