"""Which encounters fall in a pregnancy: known from deliveries and from the diabetes of pregnancy."""

import numpy as np

from synthetic_data.facts.clock import DAY
from synthetic_data.facts.diagnoses import DELIVERIES, starting_with
from synthetic_data.facts.episodes import STAY, Episodes
from synthetic_data.templating.columns import Flags

_LENGTH = 280 * DAY
# Diabetes of pregnancy is found about the sixth month; the delivery may be elsewhere.
_BEFORE, _AFTER = 200 * DAY, 100 * DAY


def pregnant(episodes: Episodes) -> Flags:
    """Tell which encounters fall in a pregnancy, the stay of the delivery included."""
    chosen = (episodes.kind == STAY) & starting_with(*DELIVERIES)[episodes.diagnosis]
    found = np.zeros(len(episodes), bool)
    # A few dozen in a block.
    for row in np.flatnonzero(chosen).tolist():
        found |= _within(episodes, row, int(episodes.start[row]) - _LENGTH, int(episodes.end[row]))
    for row in np.flatnonzero(starting_with("O24")[episodes.diagnosis]).tolist():
        start = int(episodes.start[row])
        found |= _within(episodes, row, start - _BEFORE, start + _AFTER)
    return found


def _within(episodes: Episodes, row: int, first: int, last: int) -> Flags:
    same = episodes.person == episodes.person[row]
    return same & (episodes.start >= first) & (episodes.start <= last)
