"""The distinct FHIR resources among recorded answers, each with the first exchange that brought it.

An answer that is cut on purpose (``SUBSETTED``) proves nothing about what it leaves out, and is not given.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from lab.api import Exchange, Reply

MOST_BYTES = 2_000_000
"""Of one answer: a page of a thousand resources; what is larger is left out."""

_CUT = '"SUBSETTED"'


def resources(exchanges: Iterable[Exchange]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (exchange id, resource) for each answer that is a JSON resource and was not seen before."""
    seen: set[bytes] = set()
    for exchange in exchanges:
        body = exchange.response_body
        digest = hashlib.sha256(body.encode()).digest()
        if not body.startswith("{") or len(body) > MOST_BYTES or _CUT in body or digest in seen:
            continue
        seen.add(digest)
        try:
            resource = json.loads(body)
        except (ValueError, RecursionError):
            continue  # what is no JSON at all is the business of the checks of formats
        if isinstance(resource, dict) and isinstance(resource.get("resourceType"), str):
            yield exchange.id, resource


def of_reply(reply: Reply) -> Exchange:
    """Return an answer that a check has just got as the others are recorded."""
    body = reply.body.decode(errors="replace")
    return Exchange(reply.exchange, 0.0, "laboratory", "", "GET", reply.url, response_body=body)
