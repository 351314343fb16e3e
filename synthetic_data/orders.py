"""Which laboratory tests are ordered: shared exactly between the episodes, in samples taken inside them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from random import Random

from synthetic_data.chance import dice, largest_remainder
from synthetic_data.derived import applies
from synthetic_data.episode import MINUTE, Episode
from synthetic_data.plan import HospitalPlan
from synthetic_data.tables import proportion, table
from synthetic_data.volumes import share

_TESTS_PER_SAMPLE = 20
_NIGHTS_COUNTED = 12  # later days of a long stay add no samples
_TESTS_BY_TRIAGE = {1: 18.0, 2: 16.0, 3: 12.0, 4: 4.0, 5: 0.0}


@dataclass(frozen=True, slots=True)
class Panel:
    """Tests ordered together; `reasons` are state names or CIM-10 prefixes, none means for anybody."""

    tests: tuple[str, ...]
    reasons: tuple[str, ...]
    weight: float

    def suits(self, words: frozenset[str]) -> bool:
        """Tell whether the panel may be ordered for a person and an episode described by these words."""
        return not self.reasons or any(word.startswith(self.reasons) for word in words)


@dataclass(frozen=True, slots=True)
class Sample:
    """One blood or urine sample: when it was taken, the LOINC codes measured on it."""

    taken: datetime
    tests: tuple[str, ...]


@cache
def _panels() -> tuple[Panel, ...]:
    panels = tuple(
        Panel(tuple(row["analyses"].split()), tuple(row["indications"].split()), float(row["poids"]))
        for row in table("bilans")
    )
    common = {test for panel in panels if not panel.reasons for test in panel.tests}
    if len(common) <= _TESTS_PER_SAMPLE:
        raise ValueError(
            f"bilans.csv: expected over {_TESTS_PER_SAMPLE} tests without indication, got {len(common)}"
        )
    return panels


def words_of(episode: Episode) -> frozenset[str]:
    """Give the words that tables test: the person's states and diseases, the diagnosis of the episode."""
    return episode.person.health.words | {episode.diagnosis.code}


def share_tests(plan: HospitalPlan, block: range, episodes: Sequence[Episode]) -> list[int]:
    """Share the laboratory acts of a block between its episodes: most to long stays, few to consultations."""
    return largest_remainder(share("analyses", block), [_weight(plan, episode) for episode in episodes])


def _weight(plan: HospitalPlan, episode: Episode) -> float:
    rng = dice(plan.seed, "tests", episode.number)
    luck = rng.uniform(0.6, 1.4)
    if episode.kind == "consultation":
        return 10.0 * luck if rng.random() < proportion("biologie_en_consultation") else 0.0
    if episode.motive:
        return _TESTS_BY_TRIAGE[episode.motive.triage] * luck
    nights = min(_NIGHTS_COUNTED, (episode.ended(plan.now) - episode.start).days)
    return (8.0 + 7.0 * nights) * luck


def samples(plan: HospitalPlan, episode: Episode, wanted: int) -> Iterator[Sample]:
    """Draw the samples of an episode, `wanted` tests in all, spread over its time."""
    rng = dice(plan.seed, "samples", episode.number)
    words = words_of(episode)
    age = episode.person.age(episode.start)
    panels = [panel for panel in _panels() if panel.suits(words)]
    sizes = largest_remainder(wanted, [1.0] * -(-wanted // _TESTS_PER_SAMPLE))
    length = episode.ended(plan.now) - episode.start
    for rank, size in enumerate(sizes):
        minutes = length * (rank + rng.uniform(0.2, 0.8)) / len(sizes) // MINUTE
        yield Sample(episode.start + minutes * MINUTE, _draw_tests(rng, panels, age, size))


def _draw_tests(rng: Random, panels: Sequence[Panel], age: int, size: int) -> tuple[str, ...]:
    """Take whole panels, the heaviest most likely first, until `size` different tests are chosen."""
    drawn = sorted(panels, key=lambda panel: rng.expovariate(panel.weight))
    tests = dict.fromkeys(test for panel in drawn for test in panel.tests if applies(test, age))
    return tuple(tests)[:size]
