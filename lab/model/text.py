"""A sentence for people, in the two languages of the laboratory."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["fr", "en"]


@dataclass(frozen=True)
class Text:
    """The same sentence in French and in English."""

    fr: str
    en: str

    def extended(self, fr: str, en: str) -> "Text":
        """Return this sentence followed by another one."""
        return Text(fr=f"{self.fr} {fr}".strip(), en=f"{self.en} {en}".strip())
