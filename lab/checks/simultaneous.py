"""Writes of one persona that arrive at a server at the same moment.

Spec: https://hl7.org/fhir/R4/http.html#concurrency
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lab.api import FhirClient, Outgoing, Reply

FHIR_JSON = "application/fhir+json"


def write_at_once(
    fhir: FhirClient,
    method: str,
    path: str,
    resources: Sequence[Mapping[str, Any]],
    headers: Mapping[str, str],
) -> list[Reply]:
    """Send each resource by the same method to the same path, and return the answers in their order."""
    lines = {
        "Accept": FHIR_JSON,
        "Authorization": fhir.authorization(),
        "Content-Type": FHIR_JSON,
        **dict(fhir.extra_headers),
        **headers,
    }
    sent = tuple((name, value) for name, value in lines.items() if value)
    url = f"{fhir.base_url}/{path}"
    bodies = (json.dumps(resource, ensure_ascii=False).encode() for resource in resources)
    return fhir.wire.send_at_once([Outgoing(method, url, sent, body, fhir.source) for body in bodies])
