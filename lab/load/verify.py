"""Whether one answer is right: served, rightly refused, a leak, or an error, and why."""

import re
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

import orjson

from lab.load.arrival import Expect
from lab.load.record import Outcome

_SUCCESS = range(200, 300)


class Answer(NamedTuple):
    """What came back; ``failure`` says why it is not a whole answer, status 0 that there was none at all."""

    status: int
    body: bytes = b""
    failure: str = ""


def verify(expect: Expect, answer: Answer) -> tuple[Outcome, str]:
    """Return the outcome of an answer and, for an error or a leak, the reason in a few stable words."""
    success = answer.status in _SUCCESS
    if expect.refusal and success and answer.status not in expect.statuses:
        return "leak", "allowed"
    if answer.failure:
        return "error", answer.failure
    if success and expect.forbidden and holds(answer.body, expect.forbidden):
        return "leak", "forbidden content"
    if answer.status not in expect.statuses:
        return "error", f"status {answer.status}"
    if success and expect.required.encode() not in answer.body:
        return "error", "unexpected body"
    return ("refusal" if expect.refusal else "ok"), ""


def holds(body: bytes, forbidden: tuple[str, ...]) -> bool:
    """Tell whether one of the strings is in a body, whole."""
    if b"\\" in body:
        # A server may write "é" or "/" as an escape: the same value, the same leak.
        with suppress(orjson.JSONDecodeError):  # not JSON: searched as it came
            body = orjson.dumps(orjson.loads(body))
    return _pattern(forbidden).search(body.decode(errors="replace")) is not None


@lru_cache(maxsize=256)
def _pattern(forbidden: tuple[str, ...]) -> re.Pattern[str]:
    """Match any of the strings, whole: an id is not found in a longer one (FHIR ids: A-Z a-z 0-9 - .)."""
    return re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, forbidden))})(?![\w-]|\.\w)")
