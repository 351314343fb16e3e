"""Every line that the laboratory prints goes through here; the language is that of the user's environment."""

import os
import sys

from rich.console import Console

from lab.model.text import Language, Text

# A file or a pipe has no width of its own: tables keep room there.
out = Console(highlight=False, width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 160)
err = Console(stderr=True, highlight=False)


def language() -> Language:
    """Return ``en`` when the environment asks for English, ``fr`` otherwise."""
    wanted = os.environ.get("LAB_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "en" if wanted.lower().startswith("en") else "fr"


def say(text: Text) -> str:
    """Return the sentence in the user's language."""
    return text.en if language() == "en" else text.fr
