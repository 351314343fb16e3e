"""Make a failing case small: fewer requests, a shorter last one; it fails in the same way all along."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import orjson

from lab.proof.case import Case
from lab.proof.grammar.step import Step
from lab.proof.instance import Wrap, unbroken
from lab.proof.pair import pair
from lab.proof.prove import examine

Fails = Callable[[tuple[Step, ...]], Case | None]


def shrunk(case: Case, wrap: Wrap = unbroken, seconds: float = 60.0) -> Case:
    """Return the smallest case found within the time."""
    drawn, kind, deadline = (
        pair(case.pair),
        case.where.split(":")[0].split(" ")[0],
        time.monotonic() + seconds,
    )

    def fails(steps: tuple[Step, ...]) -> Case | None:
        if time.monotonic() > deadline:
            return None
        found = examine(case.engine, drawn, iter(steps), wrap).failures
        return found[0] if found and found[0].where.startswith(kind) else None

    smallest = _fewer(case, fails)
    return replace(_shorter(smallest, fails), requests=case.requests)


def _fewer(case: Case, fails: Fails) -> Case:
    """Drop requests before the last one, halves first."""
    size = len(case.steps) - 1
    while size >= 1:
        start = 0
        while start < len(case.steps) - 1:
            end = min(start + size, len(case.steps) - 1)
            found = fails((*case.steps[:start], *case.steps[end:]))
            if found:
                case = found
            else:
                start += size
        size //= 2
    return case


def _shorter(case: Case, fails: Fails) -> Case:
    """Drop parts of the last request while something can be dropped."""
    found: Case | None = case
    while found:
        case = found
        found = next(
            (made for step in _simpler(case.steps[-1]) if (made := fails((*case.steps[:-1], step)))), None
        )
    return case


def _simpler(step: Step) -> Iterator[Step]:
    parts = step.query.split("&")
    if step.query:
        for n in range(len(parts)):
            yield replace(step, query="&".join(parts[:n] + parts[n + 1 :]))
    for n in range(len(step.headers)):
        yield replace(step, headers=step.headers[:n] + step.headers[n + 1 :])
    try:
        body = orjson.loads(step.body) if step.body else None
    except orjson.JSONDecodeError:
        body = None
    if isinstance(body, dict) and isinstance(body.get("entry"), list) and len(body["entry"]) > 1:
        for n in range(len(body["entry"])):
            entries = body["entry"][:n] + body["entry"][n + 1 :]
            yield replace(step, body=orjson.dumps({**body, "entry": entries}).decode())
    elif isinstance(body, dict):
        for name in body.keys() - {"resourceType", "id", "entry", "type"}:
            kept = {key: value for key, value in body.items() if key != name}
            yield replace(step, body=orjson.dumps(kept).decode())
