"""Whether two answers are the same to their reader, once what changes at every request is put aside."""

import random
import string

from lab.api import Expect, Reply, status_of

_CHANGING = frozenset(
    {"date", "x-request-id", "request-id", "x-correlation-id", "x-response-time", "x-process-time", "age"}
)
_CLASSES = (string.digits, string.ascii_lowercase, string.ascii_uppercase)
_BROKEN = 500
_NOT_IMPLEMENTED = 501
Seen = tuple[int, tuple[tuple[str, str], ...], str]


def twin(value: str, chance: random.Random) -> str:
    """Return another value of the same shape: each letter or digit replaced by one of its kind."""
    changed = value
    while changed == value:
        changed = "".join(_like(character, chance) for character in value)
        if not any(character in "".join(_CLASSES) for character in value):
            return f"{value}{chance.choice(string.ascii_lowercase)}"
    return changed


def _like(character: str, chance: random.Random) -> str:
    kind = next((kind for kind in _CLASSES if character in kind), "")
    return chance.choice(kind) if kind else character


def answered(reply: Reply, expect: Expect) -> None:
    """Expect an answer or a refusal: a server that breaks down hides nothing by design."""
    broken = reply.status == 0 or (reply.status >= _BROKEN and reply.status != _NOT_IMPLEMENTED)
    expect.that(not broken, expected="an answer or a refusal", seen=status_of(reply), evidence=[reply])


def difference(hidden: Reply, hidden_value: str, unknown: tuple[Reply, str], again: tuple[Reply, str]) -> str:
    """Return in which way an answer differs from what is always answered about unknown things, or nothing.

    Each answer comes with the value that was asked for, which it may repeat. What already differs between
    the two unknown ones tells nothing and is not compared.
    """
    asked, first, second = _seen(hidden, hidden_value), _seen(*unknown), _seen(*again)
    if asked[0] != first[0]:
        return f"HTTP {asked[0]} instead of {first[0]}"
    steady = {name for name, value in first[1] if (name, value) in second[1]}
    changing = {name for name, _ in (*first[1], *second[1])} - steady
    for name in sorted({name for name, _ in (*asked[1], *first[1])} - changing):
        values = [[value for key, value in seen[1] if key == name] for seen in (asked, first)]
        if values[0] != values[1]:
            return f"another {name} header"
    if first[2] == second[2]:
        return "" if asked[2] == first[2] else "another body"
    return "" if _issues(hidden) == _issues(unknown[0]) else "another OperationOutcome"


def _seen(reply: Reply, asked: str) -> Seen:
    headers = sorted(
        (name.lower(), value.replace(asked, "[asked]"))
        for name, value in reply.headers
        if name.lower() not in _CHANGING
    )
    return reply.status, tuple(headers), reply.text.replace(asked, "[asked]")


def _issues(reply: Reply) -> list[tuple[str, str]]:
    found = reply.resource.get("issue", [])
    issues = [issue for issue in found if isinstance(issue, dict)] if isinstance(found, list) else []
    return [(str(issue.get("severity")), str(issue.get("code"))) for issue in issues]
