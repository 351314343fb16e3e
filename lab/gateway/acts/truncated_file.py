"""A file of an export comes without its second half, and nothing but its lines says so.

Spec: https://hl7.org/fhir/uv/bulkdata/STU2/export.html#bulk-data-output-file-request
"""

from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage
from lab.gateway.acts.export_token import asks_file


def _half(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    del stage
    whole = b"".join(answer.chunks) if answer.chunks is not None else answer.body
    if answer.status != 200 or not whole:
        return None
    return FhirResponse(200, headers=answer.headers, chunks=iter([whole[: len(whole) // 2]]))


ACT = Act(name="truncated-file", applies=asks_file, after=_half)
