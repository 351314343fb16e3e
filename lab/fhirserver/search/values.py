"""Split the value of a search parameter at its separators, honouring the backslash.

Spec: https://hl7.org/fhir/R4/search.html#escaping
"""

import re

from lab.fhir.response import FhirError

MAX_ALTERNATIVES = 400
_ESCAPED = re.compile(r"\\([\\,|$])")


def alternatives(value: str) -> list[str]:
    """Return the values that a comma separates, still escaped.

    Raises:
        FhirError: 400 when one is empty, or when they are too many.
    """
    values = split(value, ",")
    if not all(values):
        raise FhirError(400, "invalid", "A search parameter has an empty value.")
    if len(values) > MAX_ALTERNATIVES:
        message = f"A search parameter has more than {MAX_ALTERNATIVES} values: ask in several searches."
        raise FhirError(400, "too-costly", message)
    return values


def split(value: str, separator: str) -> list[str]:
    """Return the parts between separators that no backslash escapes, still escaped, in one pass."""
    parts = []
    start, escaped = 0, False
    for place, character in enumerate(value):
        if character == separator and not escaped:
            parts.append(value[start:place])
            start = place + 1
            continue
        escaped = character == "\\" and not escaped
    return [*parts, value[start:]]


def unescape(value: str) -> str:
    """Return a value without the backslashes that escape separators."""
    return _ESCAPED.sub(r"\1", value)
