"""The words of the reports in both languages, read from ``words.json``."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

OUTCOMES = ("error", "fail", "skip", "warning", "pass", "omit")
"""Outcomes from the most to the least serious, which is also the order of every list of the report."""

EXPECTATIONS = ("SHALL", "SHOULD", "MAY")

LANGUAGES = ("fr", "en")


@cache
def words() -> dict[str, Any]:
    """Return the words by group then name; each is a ``{"fr": …, "en": …}`` pair."""
    found: dict[str, Any] = json.loads((files("reports") / "words.json").read_text(encoding="utf-8"))
    return found
