"""Why people come: diagnoses of stays and their chapters, emergency motives, how emergency visits end."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from synthetic_data.description.chapters import chapter_of
from synthetic_data.description.gathering.encounters import EMERGENCY, STAY, Encounters
from synthetic_data.description.vocabulary import Word

_DIAGNOSES, _MOTIVES = 15, 10


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a ranking: `share` of all that was counted."""

    code: str
    label: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """The first rows, the most frequent first; `different`: how many there are in all."""

    rows: tuple[Row, ...]
    total: int
    different: int


@dataclass(frozen=True, slots=True)
class Reasons:
    """`chapters`: of the CIM-10, by number; `outcomes`: of visits that are over; `running`: the others."""

    diagnoses: Ranking
    chapters: Ranking
    motives: Ranking
    outcomes: Ranking
    running: int


def reasons_of(encounters: Encounters) -> Reasons:
    """Rank the reasons of stays and emergency visits."""
    diagnoses = encounters.only(STAY).reason.counts()
    visits = encounters.only(EMERGENCY)
    ended = int(visits.ended.sum())
    outcomes = {word: count for word, count in visits.outcome.counts().items() if word[0]}
    return Reasons(
        diagnoses=_ranking(diagnoses, _DIAGNOSES),
        chapters=_ranking(_chapters(diagnoses)),
        motives=_ranking(visits.reason.counts(), _MOTIVES),
        outcomes=_ranking(outcomes),
        running=len(visits) - ended,
    )


def _chapters(diagnoses: Mapping[Word, int]) -> dict[Word, int]:
    counts: Counter[str] = Counter()
    for (code, _), count in diagnoses.items():
        counts[chapter_of(code)] += count
    return {(chapter, chapter): count for chapter, count in counts.most_common()}


def _ranking(counts: Mapping[Word, int], most: int | None = None) -> Ranking:
    total = sum(counts.values())
    rows = [Row(code, label or code, count, count / total) for (code, label), count in counts.items()]
    return Ranking(tuple(rows[:most]), total, len(rows))
