"""Laboratory results: they add up, drift slowly, follow disease, sex and age, are rated by their range."""

import numpy as np
import pytest

from synthetic_data.facts.analytes import IS_FINDING, PLACES, RANK, TESTS, usual
from synthetic_data.facts.clock import DAY, completed_years, wall
from synthetic_data.facts.diagnoses import CODES
from synthetic_data.facts.episodes import EMERGENCY_VISIT, STAY
from synthetic_data.facts.people import FEMALE, MALE
from synthetic_data.facts.results import HIGH, LOW, UNRATED, WITHIN
from synthetic_data.facts.volumes import share

HAEMOGLOBIN, CREATININE, HBA1C, CRP, SODIUM = (
    RANK[loinc] for loinc in ("718-7", "14682-9", "4548-4", "1988-5", "2951-2")
)


def person_of(block, rows):
    return block.episodes.person[block.samples.episode[block.results.sample[rows]]]


def values(block):
    """Give the values as printed, shape (samples, tests), NaN where nothing was measured."""
    results = block.results
    table = np.full((len(block.samples), len(TESTS)), np.nan)
    rows = ~results.is_finding
    table[results.sample[rows], results.test[rows]] = (
        results.scaled[rows] / 10.0 ** PLACES[results.test[rows]]
    )
    return table


def test_counts_are_exact_in_each_block(blocks):
    for block in blocks:
        assert len(block.results) == share("analyses", block.plan.patients, block.number)


def test_a_sample_is_inside_its_encounter_and_issued_later(blocks):
    for block in blocks:
        samples, episodes = block.samples, block.episodes
        until = np.minimum(episodes.end, block.plan.now_minute)[samples.episode]
        assert (samples.taken >= episodes.start[samples.episode]).all()
        assert (samples.taken <= until).all()
        assert (samples.issued >= samples.taken).all()
        assert (samples.issued <= block.plan.now_minute).all()


def test_a_sample_holds_each_test_once_in_the_order_of_the_table(blocks):
    for block in blocks:
        results = block.results
        order = np.lexsort((results.test, results.sample))
        assert (order == np.arange(len(results))).all()
        assert (np.diff(results.sample * len(TESTS) + results.test) > 0).all()


@pytest.mark.parametrize(
    ("test", "needs", "formula"),
    [
        ("4544-3", ("718-7", "28540-3"), lambda hb, mchc: 100 * hb / mchc),
        ("789-8", ("4544-3", "30428-7"), lambda ht, mcv: 10 * ht / mcv),
        ("28539-5", ("718-7", "789-8"), lambda hb, red: 10 * hb / red),
        (
            "39469-2",
            ("14647-2", "14646-4", "14927-8"),
            lambda total, hdl, tg: np.maximum(0.3, total - hdl - tg / 2.2),
        ),
    ],
)
def test_computed_values_are_those_that_the_printed_ones_give(blocks, test, needs, formula):
    checked = 0
    for block in blocks:
        measured = values(block)
        whole = ~np.isnan(measured[:, [RANK[test], *(RANK[need] for need in needs)]]).any(axis=1)
        given = formula(*(measured[whole, RANK[need]] for need in needs))
        step = 10.0 ** -PLACES[RANK[test]]
        # Each value was rounded when printed: some hundredths, and half a step of the last one.
        away = np.abs(measured[whole, RANK[test]] - given)
        assert away.max(initial=0) <= 0.03 * given.max(initial=0) + step
        checked += whole.sum()
    assert checked > 100


def test_glycated_haemoglobin_tells_diabetics_from_others(blocks):
    found = {True: [], False: []}
    for block in blocks:
        rows = np.flatnonzero(block.results.test == HBA1C)
        diabetic = block.people.health.state("diabete")[person_of(block, rows)]
        for state, known in found.items():
            known.extend(block.results.scaled[rows[diabetic == state]] / 10.0 ** PLACES[HBA1C])
    assert min(map(len, found.values())) > 50
    assert np.mean(found[True]) > 7
    assert np.mean(found[False]) < 5.8
    assert np.quantile(found[False], 0.999) < 6.8
    assert np.mean(np.array(found[True]) > 6.5) > 0.6


def test_samples_of_a_day_resemble_each_other_more_than_those_of_a_season(blocks):
    """What moves within a person: little within a day, more within a season, most between two people."""
    near, far, strangers = [], [], []
    for block in blocks:
        measured = np.log(values(block)[:, CREATININE])
        person, taken = block.episodes.person[block.samples.episode], block.samples.taken
        rows = np.flatnonzero(~np.isnan(measured))
        rows = rows[np.lexsort((taken[rows], person[rows]))]
        for back in (1, 2, 3):
            first, second = rows[:-back], rows[back:]
            same, move = person[first] == person[second], np.abs(measured[second] - measured[first])
            near.extend(move[same & (taken[second] - taken[first] < DAY)])
            far.extend(move[same & (taken[second] - taken[first] > 30 * DAY)])
            strangers.extend(move[~same])
    assert min(len(near), len(far), len(strangers)) > 50
    assert np.median(near) < 0.8 * np.median(far)
    assert np.median(far) < 0.8 * np.median(strangers)


def test_the_correlation_of_two_samples_falls_with_the_time_between_them():
    """The drift itself, on many people: exp(-t / 3 days), unit variance."""
    from synthetic_data.facts.results import _drift  # noqa: PLC0415

    rng = np.random.default_rng(4)
    people, gaps = 20_000, np.array([0.0, 0.5, 3.0, 30.0]) * DAY
    taken = np.tile(np.cumsum(gaps).astype(np.int64), people)
    person = np.repeat(np.arange(people), len(gaps))
    drift = _drift(person, taken, rng.standard_normal((len(person), 2)).astype(np.float32))
    drift = drift[:, 0].reshape(people, len(gaps))
    assert drift.std(axis=0) == pytest.approx(1, abs=0.02)
    for step, gap in enumerate(gaps[1:]):
        found = np.corrcoef(drift[:, step], drift[:, step + 1])[0, 1]
        assert found == pytest.approx(np.exp(-gap / (3 * DAY)), abs=0.02)


def test_each_rating_follows_from_the_range_of_the_sex_and_age(blocks):
    known = usual()
    for block in blocks:
        results = block.results
        person = person_of(block, np.arange(len(results)))
        day = wall(block.samples.taken[results.sample]) // DAY
        age = completed_years(block.people.birth[person], day)
        expected = known.range_of[block.people.sex[person], age, results.test]
        assert (results.range_of == expected).mean() > 0.9999
        value = results.scaled / 10.0 ** PLACES[results.test]
        low = np.array([-np.inf if one.low is None else one.low for one in known.ranges])[results.range_of]
        high = np.array([np.inf if one.high is None else one.high for one in known.ranges])[results.range_of]
        unrated = results.is_finding | (np.isinf(low) & np.isinf(high))
        rating = np.select([unrated, value < low - 1e-9, value > high + 1e-9], [UNRATED, LOW, HIGH], WITHIN)
        assert (results.rating == rating).all()


def test_the_ranges_of_haemoglobin_depend_on_sex_and_age():
    known = usual()
    limits = {
        (sex, age): known.ranges[known.range_of[sex, age, HAEMOGLOBIN]].low
        for sex in (MALE, FEMALE)
        for age in (0, 5, 40, 80)
    }
    assert limits[MALE, 40] == limits[MALE, 80] == 13.0
    assert limits[FEMALE, 40] == 12.0
    assert limits[MALE, 5] == limits[FEMALE, 5] < 12


def test_values_are_printable_and_percentages_possible(blocks):
    per_cent = np.array([row["ucum"] == "%" and row["ref_haute"] == "100" for row in TESTS])
    for block in blocks:
        results = block.results
        quantity = ~results.is_finding
        assert results.scaled[quantity].min() >= 1
        value = results.scaled / 10.0 ** PLACES[results.test]
        assert value[per_cent[results.test]].max(initial=0) <= 100
        assert (results.scaled[results.is_finding] >= 0).all()
        assert (IS_FINDING[results.test] == results.is_finding).all()


def test_infection_and_heart_attack_show(blocks):
    def median(test, wanted, unwanted=False):
        found = []
        for block in blocks:
            rows = np.flatnonzero(block.results.test == test)
            diagnosis = block.episodes.diagnosis[block.samples.episode[block.results.sample[rows]]]
            codes = np.array([CODES[one].startswith(wanted) for one in diagnosis], bool)
            found.extend(block.results.scaled[rows[codes != unwanted]] / 10.0 ** PLACES[test])
        assert len(found) > 10
        return np.median(found)

    infected = ("A41", "J18", "J15", "N10")
    assert median(CRP, infected) > 5 * median(CRP, infected, unwanted=True)
    troponin = RANK["67151-1"]
    assert median(troponin, ("I21",)) > 10 * median(troponin, ("R07",))


def test_blood_group_is_for_life(blocks):
    """The Abo group and the rhesus of a person are the same in each sample."""
    for loinc in ("883-9", "10331-7"):
        pairs = set()
        people = set()
        for block in blocks:
            rows = np.flatnonzero(block.results.test == RANK[loinc])
            person = block.people.index[person_of(block, rows)]
            pairs |= set(zip(person.tolist(), block.results.scaled[rows].tolist(), strict=True))
            people |= set(person.tolist())
        assert len(people) > 20
        assert len(pairs) == len(people)


def test_long_stays_are_sampled_most_and_consultations_least(blocks):
    def tests_of(chosen):
        each = [np.bincount(b.samples.episode[b.results.sample], minlength=len(b.episodes)) for b in blocks]
        return np.mean(np.concatenate([n[chosen(b.episodes)] for n, b in zip(each, blocks, strict=True)]))

    long_, short = tests_of(lambda e: e.nights > 7), tests_of(lambda e: e.nights == 0)
    urgent = tests_of(lambda e: e.kind == EMERGENCY_VISIT)
    outside = tests_of(lambda e: ~np.isin(e.kind, (STAY, EMERGENCY_VISIT)))
    assert long_ > 2 * short > 2 * outside
    assert urgent > outside
