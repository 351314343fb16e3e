"""The patients of a block: ages by the law, presence within life, births on their date, fit diseases."""

from datetime import UTC, datetime

import numpy as np
import pytest

from synthetic_data import HospitalPlan
from synthetic_data.facts.clock import DAY, completed_years, wall
from synthetic_data.facts.health import DISEASES
from synthetic_data.facts.people import FEMALE, MALE, NEVER, age_law, draw_people
from synthetic_data.plan import END_OF_2023
from synthetic_data.tables import admits

PLANS = [
    HospitalPlan(patients=2000),
    HospitalPlan(seed=4, patients=2000, now=END_OF_2023),
    HospitalPlan(seed=4, patients=2000, now=datetime(2024, 2, 29, 23, 30, tzinfo=UTC)),
]


@pytest.fixture(scope="module", params=PLANS, ids=lambda plan: plan.now.isoformat())
def drawn(request):
    return request.param, draw_people(request.param, 0)


def test_ages_are_completed_at_the_wall_date_of_now(drawn):
    plan, people = drawn
    today = wall(np.array([plan.now_minute])) // DAY
    assert (people.age == completed_years(people.birth, np.broadcast_to(today, len(people)))).all()
    assert people.age.min() >= 0
    assert people.age.max() <= 106


def test_ages_and_sexes_follow_the_law_of_the_table(drawn):
    _, people = drawn
    bands, weights = age_law()
    for (sex, youngest, oldest), weight in zip(bands, weights, strict=True):
        found = ((people.sex == sex) & (people.age >= youngest) & (people.age <= oldest)).sum()
        assert abs(found - len(people) * weight / sum(weights)) <= 2
    assert set(np.unique(people.sex)) == {MALE, FEMALE}


def test_newborns_are_seen_from_their_birth_on_the_date_of_their_birth(drawn):
    plan, people = drawn
    assert people.newborn.sum() > 10
    born = people.seen_from[people.newborn]
    assert (wall(born) // DAY == people.birth[people.newborn]).all()
    assert (born > plan.start_minute).all()
    assert (people.seen_from[~people.newborn] == plan.start_minute).all()


def test_everybody_can_be_seen_for_a_month_or_nearly_and_nobody_after_death(drawn):
    plan, people = drawn
    assert (people.seen_until - people.seen_from >= 28 * DAY).all()
    assert (people.seen_until == np.minimum(people.death, plan.now_minute)).all()
    dead = people.death != NEVER
    assert 0 < dead.sum() < 0.06 * len(people)
    assert (people.death[dead] < plan.now_minute).all()
    assert (people.death[dead] > plan.start_minute).all()
    assert not (dead & (people.age == 0)).any()


def test_diseases_suit_sex_and_age_and_are_one_for_each_state(drawn):
    _, people = drawn
    for person in range(0, len(people), 7):
        rows = [DISEASES[rank] for rank in np.flatnonzero(people.health.diseases[person])]
        sex = "F" if people.sex[person] == FEMALE else "M"
        assert all(admits(row, sex, int(people.age[person])) for row in rows)
        assert len({row["etat"] for row in rows}) == len(rows)


def test_comorbidities_are_more_frequent_than_by_chance(drawn):
    _, people = drawn
    old = people.age >= 60
    favoured = 0
    for row in DISEASES:
        if not row["favorise_par"] or float(row["rapport"]) < 1.5:
            continue
        has, cause = people.health.having(row["cim10"])[old], people.health.state(row["favorise_par"])[old]
        if has.sum() > 20 and cause.sum() > 20:
            assert has[cause].mean() > has[~cause].mean(), row["cim10"]
            favoured += 1
    assert favoured > 2


def test_frailty_grows_with_age_and_diseases(drawn):
    _, people = drawn
    frailty = people.health.frailty
    assert frailty.min() > 0
    assert frailty.max() <= 1
    assert frailty[people.age > 80].mean() > 2 * frailty[(people.age > 18) & (people.age < 40)].mean()
    many = people.health.diseases.sum(axis=1) >= 3
    assert frailty[many].mean() > frailty[~many].mean()
