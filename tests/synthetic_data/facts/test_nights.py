"""The law of nights: calibrated on 49 % of stays without a night and 5.5 nights for the others."""

import numpy as np
import pytest

from synthetic_data.facts.chance import dice, strata
from synthetic_data.facts.diagnoses import CODES, RANK
from synthetic_data.facts.episodes import STAY
from synthetic_data.facts.nights import by_day, draw_nights, expected_nights, night_law, stay_law
from synthetic_data.tables import table


def test_the_year_has_the_published_share_of_days_and_mean_of_nights(blocks):
    nights = np.concatenate([b.episodes.nights[b.episodes.kind == STAY] for b in blocks])
    assert len(nights) > 3000
    assert (nights == 0).mean() == pytest.approx(0.49, abs=0.02)
    assert nights[nights > 0].mean() == pytest.approx(5.5, abs=0.3)


@pytest.mark.parametrize("median", [0.3, 1.0, 2.5, 7.0, 30.0])
def test_drawn_nights_follow_the_law_that_calibrates_them(median):
    """A log-normal rounded and cut at 1 and 120, drawn apart, agrees with the law and its mean."""
    luck = np.random.default_rng(1).standard_normal(400_000)
    drawn = np.clip(np.rint(median * np.exp(0.6 * luck)), 1, 120)
    law = night_law(np.array([median]))[0]
    assert law.sum() == pytest.approx(1)
    assert law[0] == 0
    assert law.min() >= 0
    assert expected_nights(np.array([median]))[0] == pytest.approx(drawn.mean(), rel=0.01)
    for nights in (1, 2, 5):
        assert law[nights] == pytest.approx((drawn == nights).mean(), abs=0.004)


def test_nights_of_each_diagnosis_have_its_expected_mean():
    for code in ("Z38.0", "I50.0", "S72.0"):
        rank = RANK[code]
        drawn = draw_nights(np.full(20_000, rank), strata(dice(1, "nights", 0), 20_000))
        assert drawn.min() >= 1
        assert drawn.max() <= 120
        assert drawn.mean() == pytest.approx(expected_nights(stay_law().median[[rank]])[0], rel=0.01)


def test_never_and_always_by_day_stay_so_and_the_others_keep_their_order():
    given = np.array([float(row["part_jour"]) for row in table("cim10")])
    share = stay_law().day_share
    assert (share[given == 0] == 0).all()
    assert (share[given == 1] == 1).all()
    order = np.argsort(given, kind="stable")
    assert (np.diff(share[order]) >= -1e-12).all()
    certain = np.flatnonzero((given == 0) | (given == 1))
    assert (by_day(certain, np.full(len(certain), 0.5)) == (given[certain] == 1)).all()


def test_longer_diagnoses_stay_longer():
    given = np.array([float(row["nuits"]) for row in table("cim10")])
    ratio = stay_law().median[given > 0] / given[given > 0]
    assert len(CODES) == len(given)
    assert ratio.max() == pytest.approx(ratio.min())
