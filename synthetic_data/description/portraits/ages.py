"""The age pyramid of the patients, by sex and age band, beside the law of the population table."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from synthetic_data.description.bilingual import same
from synthetic_data.description.gathering.people import MEN, OTHERS, WOMEN, People
from synthetic_data.description.portraits.comparison import Comparison, compared
from synthetic_data.tables import table
from synthetic_data.verification.instants import ABSENT
from synthetic_data.verification.people import completed_years

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Pyramid:
    """Ages in completed years at the end of the period, the deceased included.

    `men` and `women` share the labels of the bands; `left_out`: patients whose birth date is not known to the
    day or whose sex is neither.
    """

    men: Comparison
    women: Comparison
    left_out: int
    deceased: int


def pyramid_of(people: People, today: date) -> Pyramid:
    """Count the patients; the law is the residents of each band weighted by their use of the hospital."""
    rows = table("population")
    labels = [same(f"{row['age_min']}\u2013{row['age_max']}") for row in rows[:-1]] + [
        same(f"{rows[-1]['age_min']}+")
    ]
    youngest = np.array([int(row["age_min"]) for row in rows])
    told = (people.born != ABSENT) & (people.sex != OTHERS)
    age = completed_years(people.born[told], np.full(int(told.sum()), (today - _EPOCH).days))
    band = np.clip(np.searchsorted(youngest, age, side="right") - 1, 0, len(rows) - 1)
    counted = np.stack(
        [np.bincount(band[people.sex[told] == sex], minlength=len(rows)) for sex in (MEN, WOMEN)]
    )
    law = np.array([[int(row[sex]) * float(row["recours"]) for row in rows] for sex in ("hommes", "femmes")])
    both = compared([*labels, *labels], counted.ravel(), law.ravel())
    men, women = (
        Comparison(tuple(labels), both.counted[part], both.expected[part], both.distance, both.luck)
        for part in (slice(len(rows)), slice(len(rows), None))
    )
    return Pyramid(men, women, int((~told).sum()), people.deceased)
