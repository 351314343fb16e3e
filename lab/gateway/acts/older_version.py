"""From now on searches find one patient twice: as it is, then as it was a version ago.

Two entries may have one fullUrl when their versions differ: https://hl7.org/fhir/R4/bundle.html (bdl-7)
"""

from lab.fhir.response import FhirResponse
from lab.fhir.strict_json import exact, write
from lab.gateway.act import Act, Stage
from lab.gateway.answered import Json, bystander, is_patient

_NAME = "older-version"
_OLDER = {"versionId": "0", "lastUpdated": "2001-02-03T04:05:06Z"}
_WHEN = {"lastUpdated": "2024-03-10T08:15:00Z"}
"""For a version that does not say since when it is: without it nobody could tell which is the newest."""


def _twice(stage: Stage, answer: FhirResponse) -> FhirResponse:
    if answer.status != 200 or stage.cast[_NAME].encode() not in answer.body:
        return answer
    whole = exact(answer.body)
    entries = whole.get("entry", [])
    current = next((e for e in entries if _is_current(stage, e.get("resource", {}))), None)
    if current is None:
        return answer
    resource = current["resource"]
    current["resource"] = {**resource, "meta": {**_WHEN, **resource["meta"]}}
    older = {**resource, "meta": {**resource["meta"], **_OLDER}, "active": False}
    return FhirResponse(
        200, write({**whole, "entry": [*entries, {**current, "resource": older}]}), answer.headers
    )


def _is_current(stage: Stage, resource: Json) -> bool:
    return resource.get("resourceType") == "Patient" and resource.get("id") == stage.cast[_NAME]


def _begin(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    chosen = bystander(stage, answer, is_patient)
    if chosen is None or "versionId" not in chosen.get("meta", {}):
        return None
    stage.cast[_NAME] = chosen["id"]
    return _twice(stage, answer)


ACT = Act(name=_NAME, after=_begin, lasting=_twice, quiet=True)
