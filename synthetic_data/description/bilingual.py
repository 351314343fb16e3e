"""A text in the two languages of the page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Both:
    """The same thing said in French and in English."""

    fr: str
    en: str

    def filled(self, **values: object) -> "Both":
        """Put values at the `{places}` of both texts; a value may itself be in both languages."""
        french = {name: one.fr if isinstance(one, Both) else one for name, one in values.items()}
        english = {name: one.en if isinstance(one, Both) else one for name, one in values.items()}
        return Both(self.fr.format(**french), self.en.format(**english))


def same(text: str) -> Both:
    """Give a text that is the same in both languages, such as the words of the data."""
    return Both(text, text)
