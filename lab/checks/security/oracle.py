"""Ask a question by a right and by a wrong value of something hidden: both must be answered alike.

Source: five-levels reference, P2; CWE-203.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from lab.api import Expect, Reply
from lab.checks.security.likeness import answered, difference

_REFUSED = 400


@dataclass(frozen=True)
class Question:
    """``right`` and ``wrong`` are parameters that differ in one value: ``value`` against ``other``.

    ``name`` says what is asked, for the report.
    """

    type: str
    name: str
    right: Mapping[str, object]
    wrong: Mapping[str, object]
    value: str
    other: str


Search = Callable[[str, Mapping[str, object]], Reply]


def answered_alike(search: Search, questions: Iterable[Question], expect: Expect) -> int:
    """Expect each question to be answered alike for both values; return how many were asked."""
    asked = 0
    for question in questions:
        asked += 1
        right, wrong = search(question.type, question.right), search(question.type, question.wrong)
        seen = told_apart(
            (right, question.value),
            (wrong, question.other),
            partial(search, question.type, question.wrong),
            expect,
        )
        expect.that(
            not seen,
            expected="the same answer to a right and to a wrong value",
            seen=f"{seen} by {question.type}?{question.name}",
            evidence=[right, wrong],
        )
    return asked


def told_apart(
    right: tuple[Reply, str], wrong: tuple[Reply, str], again: Callable[[], Reply], expect: Expect
) -> str:
    """Return how the answer to a right value differs from that to a wrong one, or nothing.

    Each answer comes with the value that was asked for. ``again`` asks for the wrong value once more: what
    varies by itself in a refusal tells nothing.
    """
    first, second = right[0], wrong[0]
    for reply in (first, second):
        answered(reply, expect)
    if first.status >= _REFUSED and first.status == second.status:
        alike = first.text.replace(right[1], "[asked]") == second.text.replace(wrong[1], "[asked]")
        if alike or first.body == second.body:
            return ""
        return difference(first, right[1], wrong, (again(), wrong[1]))
    one, two = _said(first), _said(second)
    return "" if one == two else f"{_words(first)} against {_words(second)}"


def _said(reply: Reply) -> tuple[object, ...]:
    return reply.status, tuple(reply.ids), reply.resource.get("total")


def _words(reply: Reply) -> str:
    return f"HTTP {reply.status} with {len(reply.ids)} matches"
