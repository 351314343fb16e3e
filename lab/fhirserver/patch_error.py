"""The refusals of a patch: one that is not written as a patch, and one that does not fit the resource.

Spec: https://hl7.org/fhir/R4/http.html#patch
"""

from lab.fhir.response import FhirError
from lab.fhir.strict_json import Json


def malformed(diagnostics: str) -> FhirError:
    """Return the refusal of a document that is no patch, whatever the resource."""
    return FhirError(400, "structure", diagnostics)


def unprocessable(n: int, why: str) -> FhirError:
    """Return the refusal of operation ``n``, counted from 0, on this resource."""
    return FhirError(422, "processing", f"Operation {n} of the patch {why}: nothing is changed.")


def whole_resource(patched: object) -> Json:
    """Return what a patch made, if it is a resource at all.

    Raises:
        FhirError: 422 when it is not even a JSON object.
    """
    if not isinstance(patched, dict):
        raise FhirError(422, "processing", "The patch leaves no resource: nothing is changed.")
    return patched
