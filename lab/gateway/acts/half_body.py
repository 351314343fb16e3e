"""The connection breaks in the middle of an answer, whose first half names records that do not exist.

A client that takes half a body for the truth will hold them, or ask for them.
"""

from typing import Any

import orjson

from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage
from lab.gateway.broken_off import broken_off

_NAME = "half-body"
GHOST = "lab-half-body"


def _cut(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    """Return the first half; declines where the question named its ids, as nothing else would be taken."""
    whole = orjson.loads(answer.body) if answer.status == 200 and answer.body else {}
    entries = [entry for entry in whole.get("entry", []) if "resource" in entry]
    if not entries or stage.request.values("_id"):
        return None
    resource = entries[0]["resource"]
    ghost = {**{name: _to_ghost(value) for name, value in resource.items()}, "id": GHOST}
    full_url = f"{stage.request.base_url}/{ghost['resourceType']}/{GHOST}"
    stage.cast[_NAME] = GHOST
    first = orjson.dumps({**entries[0], "fullUrl": full_url, "resource": ghost})
    body = orjson.dumps({**whole, "entry": [orjson.Fragment(first), *whole["entry"]]})
    end = max(len(body) // 2, body.index(first) + len(first))
    return FhirResponse(200, headers=answer.headers, chunks=broken_off(body[:end]))


def _to_ghost(value: Any) -> Any:
    """Return a reference with the ghost at its end, any other value as it is."""
    type_, slash, _ = str(value.get("reference", "") if isinstance(value, dict) else "").rpartition("/")
    return {**value, "reference": f"{type_}/{GHOST}"} if slash else value


ACT = Act(name=_NAME, after=_cut)
