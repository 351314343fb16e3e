"""Say in both languages why a request cannot be served."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """The same sentence in French and in English."""

    fr: str
    en: str


class Refusal(Exception):  # noqa: N818 - it is an answer to the user, not an error of ours
    """The input or the request is refused; `sentence` says what was expected, what was seen, what to do."""

    def __init__(self, fr: str, en: str) -> None:
        super().__init__(en)
        self.sentence = Sentence(fr, en)
