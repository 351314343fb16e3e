"""The token ends while the files of an export are fetched: 401 on one of them.

Specs: https://hl7.org/fhir/uv/bulkdata/STU2/export.html#bulk-data-output-file-request, RFC 6750
"""

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError, FhirResponse
from lab.gateway.act import Act, Stage


def asks_file(request: FhirRequest) -> bool:
    """Tell whether a file of an export is asked for."""
    return request.operation == "$export-file"


def _end(stage: Stage) -> FhirResponse:
    stage.tokens.revoke(stage.client_id)
    header = ("www-authenticate", 'Bearer realm="fhir", error="invalid_token"')
    return FhirError(401, "login", "A valid access token is required.", (header,)).response()


ACT = Act(name="export-token", applies=asks_file, instead=_end)
