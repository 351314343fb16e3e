"""The resource that a request wants to write: read strictly, valid, its type that of the URL.

Spec: https://hl7.org/fhir/R4/http.html#rejecting-updates
"""

from typing import Any

import orjson

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.strict_json import Json, read
from lab.fhirserver.negotiation import check_body
from lab.model.release import Release
from lab.validation.fast import Defect, defects

_MOST_ISSUES = 50
_NOT_A_DEFECT = "uncovered-type"
_CODES = {"required": "required", "cardinality": "structure", "binding": "code-invalid", "format": "value"}


class InvalidResourceError(FhirError):
    """A resource that is not valid; the answer names each path and rule, and no value."""

    def __init__(self, found: tuple[Defect, ...], release: Release) -> None:
        super().__init__(422, "invalid", f"The resource is not valid FHIR {release}.")
        self._found = found

    def response(self) -> FhirResponse:
        """Return the answer, one issue for each defect."""
        issues = [_issue(defect) for defect in self._found[:_MOST_ISSUES]]
        return FhirResponse(422, orjson.dumps({"resourceType": "OperationOutcome", "issue": issues}))


def incoming(request: FhirRequest, release: Release) -> Json:
    """Return the resource of a create or an update on a server of a release.

    Raises:
        FhirError: 400, 413, 415 or 422 when it cannot be stored as it is.
    """
    check_body(request)
    return valid(request.body, request.type or "", release)


def valid(body: bytes, type_: str, release: Release) -> Json:
    """Return the resource of a type that some bytes are, by the rules of a release.

    Raises:
        FhirError: 400, 413 or 422 when it cannot be stored as it is.
    """
    resource = read(body)
    if resource.get("resourceType") != type_:
        raise FhirError(400, "invalid", "The resourceType of the body is not the type of the URL.")
    plain: Any = orjson.loads(body)
    if found := tuple(d for d in defects(plain, release) if d.rule != _NOT_A_DEFECT):
        raise InvalidResourceError(found, release)
    return resource


def _issue(defect: Defect) -> dict[str, object]:
    code = _CODES.get(defect.rule, "invariant" if "-" in defect.rule[:4] else "structure")
    return {
        "severity": "error",
        "code": code,
        "diagnostics": f"{defect.path}: {defect.rule}",
        "expression": [defect.path],
    }
