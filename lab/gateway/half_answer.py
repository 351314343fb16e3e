"""The first half of a searchset, whose first entry is a record that does not exist.

A client that takes half a body for the truth will hold that record, or ask for it.
"""

from typing import Any

import orjson

from lab.fhir.response import FhirResponse
from lab.gateway.act import Stage

GHOST = "lab-half-body"


def half_answer(stage: Stage, answer: FhirResponse) -> bytes | None:
    """Return the bytes; None where the question named its ids, as nothing else would be taken, or found none.

    The record of the ghost is whole in them, and what it refers to are ghosts as well.
    """
    whole = orjson.loads(answer.body) if answer.status == 200 and answer.body else {}
    entries = [entry for entry in whole.get("entry", []) if "resource" in entry]
    if not entries or stage.request.values("_id"):
        return None
    resource = entries[0]["resource"]
    ghost = {**{name: _to_ghost(value) for name, value in resource.items()}, "id": GHOST}
    full_url = f"{stage.request.base_url}/{ghost['resourceType']}/{GHOST}"
    first = orjson.dumps({**entries[0], "fullUrl": full_url, "resource": ghost})
    body = orjson.dumps({**whole, "entry": [orjson.Fragment(first), *whole["entry"]]})
    return body[: max(len(body) // 2, body.index(first) + len(first))]


def _to_ghost(value: Any) -> Any:
    """Return a reference with the ghost at its end, any other value as it is."""
    type_, slash, _ = str(value.get("reference", "") if isinstance(value, dict) else "").rpartition("/")
    return {**value, "reference": f"{type_}/{GHOST}"} if slash else value
