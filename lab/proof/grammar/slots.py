"""Fill the slots of a step from the answers before it."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson

from lab.proof.grammar.step import Step
from lab.proof.instance import Received, Sent
from lab.proof.world import BASE

_SLOT = re.compile(r"\{(?P<kind>[a-z]+):(?P<step>[0-9]+)\}")
_NOTHING = {"next": "_page=none", "page": "none", "edited": "none", "etag": 'W/"1"', "version": "1"}
Json = dict[str, Any]


def sent(step: Step, answers: Mapping[int, Received]) -> Sent:
    """Return the request of a step; a slot that nothing fills gets a value that leads nowhere."""

    def fill(text: str) -> str:
        return (
            _SLOT.sub(lambda m: _value(m["kind"], answers.get(int(m["step"]))), text) if "{" in text else text
        )

    body = fill(step.body).encode() if step.seen is None else _seen(step, answers)
    return Sent(
        step.method,
        fill(step.path),
        fill(step.query),
        tuple((name, fill(value)) for name, value in step.headers),
        body,
        step.client,
    )


def _seen(step: Step, answers: Mapping[int, Received]) -> bytes:
    resource = _resource(answers.get(step.seen or 0)) or {"resourceType": "Patient", "id": "none"}
    changed = {**resource, **dict(step.edits)}
    return orjson.dumps({name: value for name, value in changed.items() if value is not None})


def _json(answer: Received | None) -> Json:
    try:
        found = orjson.loads(answer.body) if answer else None
    except orjson.JSONDecodeError:
        found = None
    return found if isinstance(found, dict) else {}


def _resource(answer: Received | None) -> Json:
    found = _json(answer)
    if found.get("resourceType") == "Bundle":
        return next((e["resource"] for e in found.get("entry", ()) if "resource" in e), {})
    return found


def _value(kind: str, answer: Received | None) -> str:  # noqa: PLR0911 - a table
    match kind:
        case "next":
            links = (link["url"] for link in _json(answer).get("link", ()) if link["relation"] == "next")
            return urlsplit(next(links, "")).query or _NOTHING[kind]
        case "page":
            return _value("next", answer).partition("=")[2]
        case "edited":
            token = _value("page", answer)
            return f"{token[:-2]}{'A' if token[-2:-1] != 'A' else 'B'}{token[-1:]}"
        case "etag":
            return (answer.header("etag") if answer else "") or _NOTHING[kind]
        case "modified":
            return (answer.header("last-modified") if answer else "") or "Fri, 01 May 2026 08:00:00 GMT"
        case "version":
            return str(_resource(answer).get("meta", {}).get("versionId", _NOTHING[kind]))
        case "id":
            return str(_resource(answer).get("id", "none"))
        case "job":
            place = answer.header("content-location") if answer else ""
            return place.rpartition("/")[2] or "none"
        case "first" | "last":
            output = _json(answer).get("output") or [{"url": f"{BASE}/$export-file/none/0"}]
            return str(output[0 if kind == "first" else -1]["url"]).removeprefix(f"{BASE}/")
    return "none"
