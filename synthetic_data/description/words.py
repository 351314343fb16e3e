"""The words of the page in both languages, read from `words.json`."""

import json
from functools import cache
from importlib.resources import files

from synthetic_data.description.bilingual import Both


@cache
def words() -> dict[str, dict[str, Both]]:
    """Give the words by group then name."""
    text = (files("synthetic_data.description") / "words.json").read_text(encoding="utf-8")
    return {
        group: {name: Both(**pair) for name, pair in pairs.items()}
        for group, pairs in json.loads(text).items()
    }
