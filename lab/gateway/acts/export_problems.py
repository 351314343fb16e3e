"""An export had problems, and something was deleted: its manifest names a file of each kind.

Spec: https://hl7.org/fhir/uv/bulkdata/STU2/export.html#response---complete-status
"""

import orjson

from lab.fhir.response import FhirResponse, operation_outcome
from lab.gateway.act import Act, Stage
from lab.gateway.acts.slow_export import asks_status

_NAME = "export-problems"
ERROR, DELETED = "990", "991"
_NDJSON = (("content-type", "application/fhir+ndjson"),)
_OUTCOME = operation_outcome("incomplete", "Some resources could not be exported.", "warning")
_DELETION = {
    "resourceType": "Bundle",
    "type": "transaction",
    "entry": [{"request": {"method": "DELETE", "url": "Observation/lab-deleted"}}],
}
_FILES = {ERROR: _OUTCOME, DELETED: _DELETION}


def _add(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    manifest = orjson.loads(answer.body) if answer.status == 200 and answer.body else {}
    if "output" not in manifest:
        return None
    job = "/".join(stage.request.arguments)
    stage.cast[_NAME] = job
    for kind, type_, number in (("error", "OperationOutcome", ERROR), ("deleted", "Bundle", DELETED)):
        url = f"{stage.request.base_url}/$export-file/{job}/{number}"
        manifest[kind] = [*manifest.get(kind, []), {"type": type_, "url": url, "count": 1}]
    return FhirResponse(200, orjson.dumps(manifest), answer.headers)


def _lasting(stage: Stage, answer: FhirResponse) -> FhirResponse:
    """Answer the files that were announced; the rest is as it is."""
    request = stage.request
    if request.operation == "$export-file" and request.arguments[0] == stage.cast[_NAME]:
        content = _FILES.get(request.arguments[-1])
        if content is not None:
            return FhirResponse(200, orjson.dumps(content) + b"\n", _NDJSON)
    return answer


ACT = Act(name=_NAME, applies=asks_status, after=_add, lasting=_lasting)
