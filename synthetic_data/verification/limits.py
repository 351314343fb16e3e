"""Who a row of a table may concern: its sex and its ages (columns `sexe`, `age_min`, `age_max`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from synthetic_data.verification.instants import Texts
from synthetic_data.verification.keys import Flags, Ints
from synthetic_data.verification.people import FEMALE, MALE

_SEXES = {"M": MALE, "F": FEMALE, "": 0}
_ELDEST = 150


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """One row for each code, sorted; `sex` 0 means any; ages are in completed years, included."""

    codes: Texts
    sex: Ints
    youngest: Ints
    oldest: Ints

    def exceeded(self, codes: Texts, sex: Ints, ages: tuple[Ints, Ints]) -> tuple[Flags, Flags]:
        """Tell where the sex, and where the age, is outside the limits of the code.

        `ages`: least and greatest possible age. Codes that are not listed have no limits.
        """
        if len(self.codes) == 0:
            return np.zeros(len(codes), bool), np.zeros(len(codes), bool)
        place = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        listed = self.codes[place] == codes
        of_one = self.sex[place]
        least, greatest = ages
        wrong_sex = listed & (of_one > 0) & (sex > 0) & (sex != of_one)
        wrong_age = listed & ((greatest < self.youngest[place]) | (least > self.oldest[place]))
        return wrong_sex, wrong_age


def limits(rows: Iterable[Mapping[str, str]], code: str) -> Limits:
    """Make the limits of the rows of a table, named by their column `code`."""
    by_code = {row[code].encode(): row for row in rows}
    codes = sorted(by_code)
    chosen = [by_code[one] for one in codes]
    return Limits(
        codes=np.array(codes, np.bytes_),
        sex=np.array([_SEXES[row["sexe"]] for row in chosen], np.int64),
        youngest=np.array([int(row["age_min"] or 0) for row in chosen], np.int64),
        oldest=np.array([int(row["age_max"] or _ELDEST) for row in chosen], np.int64),
    )
