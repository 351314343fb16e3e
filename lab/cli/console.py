"""Every line that the laboratory prints goes through here; the language is that of the user's environment."""

import os

from rich.console import Console

from lab.model.text import Language, Text

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def language() -> Language:
    """Return ``en`` when the environment asks for English, ``fr`` otherwise."""
    wanted = os.environ.get("LAB_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "en" if wanted.lower().startswith("en") else "fr"


def say(text: Text) -> str:
    """Return the sentence in the user's language."""
    return text.en if language() == "en" else text.fr
