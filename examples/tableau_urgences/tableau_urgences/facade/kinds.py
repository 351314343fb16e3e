"""The three kinds of search parameter offered, each turning search values into a test of one occurrence.

Values that are well formed but name nothing of ours match nothing; malformed ones are refused.
Specs: https://hl7.org/fhir/R4/search.html#token, #reference, #date
"""

import re
from collections.abc import Callable, Sequence

from tableau_urgences.exchange import Refusal
from tableau_urgences.facade.dates import Span, date_test
from tableau_urgences.fhir import JSON, part, text

Pair = tuple[str, str]

_REFERENCE = re.compile(
    r"(?:(?P<base>https?://[^\s|]+?)/)?(?:(?P<type>[A-Z][A-Za-z]+)/)?(?P<id>[A-Za-z0-9\-.]{1,64})"
    r"(?P<version>/_history/[A-Za-z0-9\-.]{1,64})?"
)


def split(value: str, mark: str) -> list[str]:
    """Split at a mark that no backslash precedes; the escapes stay."""
    return re.split(rf"(?<!\\){re.escape(mark)}", value)


def token(values: Sequence[str]) -> Callable[[Pair], bool]:
    """Return the test of a (system, code) pair: ``code``, ``system|code``, ``system|`` or ``|code``."""
    wanted = [_token(value) for value in values]
    return lambda found: any(system in {None, found[0]} and code in {"", found[1]} for system, code in wanted)


def moment(values: Sequence[str]) -> Callable[[Span], bool]:
    """Return the test of a span of time."""
    tests = [date_test(value) for value in values]
    known = [test for test in tests if test is not None]
    if len(known) != len(tests):
        raise Refusal(400, "value", "A date is expected: a prefix, then YYYY, YYYY-MM, YYYY-MM-DD or a time.")
    return lambda found: any(test(found) for test in known)


def reference(values: Sequence[str], target: str, base_url: str) -> Callable[[JSON], bool]:
    """Return the test of a Reference to ``target``: ``id``, ``Type/id`` or the absolute URL of our own."""
    wanted = {f"{target}/{id_}" for value in values if (id_ := _reference(value, target, base_url))}
    return lambda found: text(found, "reference") in wanted


def logical_reference(values: Sequence[str]) -> Callable[[JSON], bool]:
    """Return the test of the identifier of a Reference."""
    accepts = token(values)

    def accepts_reference(found: JSON) -> bool:
        identifier = part(found, "identifier")
        return bool(identifier) and accepts((text(identifier, "system"), text(identifier, "value")))

    return accepts_reference


def _token(value: str) -> tuple[str | None, str]:
    parts = [re.sub(r"\\(.)", r"\1", piece) for piece in split(value, "|")]
    if len(parts) > 2 or not any(parts):
        raise Refusal(400, "value", "A token is expected: code, system|code, system| or |code.")
    return (parts[0], parts[1]) if len(parts) > 1 else (None, parts[0])


def _reference(value: str, target: str, base_url: str) -> str:
    match = _REFERENCE.fullmatch(value)
    if match is None:
        raise Refusal(400, "value", "A reference is expected: id, Type/id or an absolute URL.")
    ours = match["base"] in {None, base_url} and match["type"] in {None, target} and not match["version"]
    return match["id"] if ours else ""
