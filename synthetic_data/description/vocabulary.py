"""A column of few different words as numbers: what each block found, then one list for the whole folder."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthetic_data.verification.instants import Texts
from synthetic_data.verification.keys import Ints

Word = tuple[str, str]
"""A code and what it is called; empty texts where nothing was said."""
NOTHING: Word = ("", "")


@dataclass(frozen=True, slots=True, eq=False)
class Worded:
    """`rank[i]` is the place in `words` of the word of row i."""

    words: tuple[Word, ...]
    rank: Ints

    def counts(self, weights: Ints | None = None) -> dict[Word, int]:
        """Count each word that is used (or add up its weights), the most frequent first."""
        found = np.bincount(self.rank, weights, minlength=len(self.words))
        counted = {word: int(count) for word, count in zip(self.words, found, strict=True) if count}
        return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def worded(codes: Texts, labels: Texts) -> Worded:
    """Make a column from two columns of texts; a code is called as at its first row."""
    known, first, rank = np.unique(codes, return_index=True, return_inverse=True)
    words = tuple((_text(code), _text(label)) for code, label in zip(known, labels[first], strict=True))
    return Worded(words, rank.reshape(-1).astype(np.int32))


def joined(parts: Sequence[Worded]) -> Worded:
    """Put columns end to end; a code met twice keeps its first name."""
    places: dict[str, int] = {}
    words: list[Word] = []
    ranks = []
    for part in parts:
        for word in part.words:
            if word[0] not in places:
                places[word[0]] = len(words)
                words.append(word)
        own = np.array([places[code] for code, _ in part.words] or [0], np.int32)
        ranks.append(own[part.rank])
    return Worded(tuple(words), np.concatenate(ranks) if ranks else np.empty(0, np.int32))


def _text(value: bytes) -> str:
    return value.decode(errors="replace")
