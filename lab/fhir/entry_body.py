"""The body of the request that an entry of a batch or a transaction stands for.

A patch that is no FHIR resource (a JSON Patch) travels in a Binary: its data are the body.
Spec: https://hl7.org/fhir/R4/http.html#transaction
"""

import base64
import binascii
from typing import Any

from lab.fhir.response import FHIR_JSON, FhirError
from lab.fhir.strict_json import write


def entry_body(method: str, resource: Any) -> tuple[bytes, str]:
    """Return the body and its media type; no body for no resource.

    Raises:
        FhirError: 400 when a patch in a Binary cannot be taken out of it.
    """
    if resource is None:
        return b"", FHIR_JSON
    if method != "PATCH" or not isinstance(resource, dict) or resource.get("resourceType") != "Binary":
        return write(resource), FHIR_JSON
    data, media_type = resource.get("data"), resource.get("contentType")
    if not isinstance(data, str) or not isinstance(media_type, str):
        raise FhirError(400, "required", "A patch in a Binary needs its data and its contentType.")
    try:
        return base64.b64decode("".join(data.split()), validate=True), media_type
    except (binascii.Error, ValueError):
        raise FhirError(400, "structure", "The data of a Binary are not base64.") from None
