"""The thirteen profiles: their arithmetic is that of 2023, and the figures they assume can be replaced."""

import pytest

from lab.load.catalogue import profiles, scenario_named, scenarios
from lab.load.error import LoadError
from lab.load.plan import build
from lab.load.target import Persona, Target
from scenarios.hospital import EVENTS_PER_S

ALL = profiles()
NAMES = (
    *("smoke", "steady-poll", "morning-labs", "emergency-rt", "ward-rounds", "admissions-burst"),
    *("nightly-extract", "plan-blanc", "reconnect-storm", "soak", "noisy-neighbour", "ramp-to-knee"),
    "hostile-mix",
)
TARGET = Target(
    base_url="http://127.0.0.1:1/fhir",
    personas=(Persona("full", bearer="x"), Persona("narrow", restricted=True, bearer="y")),
    readable=("Patient/1",),
    polled=("Encounter?_lastUpdated=ge{since}",),
    searched=("Encounter?_count=20",),
    charts=(("Patient/1", "Encounter?patient=Patient/1"),),
    wide=("Encounter?_count=1000",),
    outside=("Patient/2",),
    denied_type="Observation",
    masked=("Patient/1",),
    masked_values=("Hidden",),
    refused_source="127.0.0.9",
)


def test_there_are_thirteen_in_order():
    assert [profile.name for profile in ALL.values()] == list(NAMES)
    assert list(ALL) == [f"P{number:02}" for number in range(1, 14)]


def test_an_event_happens_every_third_second():
    assert pytest.approx(0.352, abs=0.001) == EVENTS_PER_S


@pytest.mark.parametrize(
    ("id_", "mean", "peak"),
    [
        ("P02", 18, 18),
        ("P03", 30.8, 39.4),
        ("P04", 11, 11),
        ("P06", 104.7, 600),
        ("P08", 53.3, 54.9),
        ("P09", 32, 1200),
        ("P10", 21.6, 21.6),
        ("P11", 68, 68),
    ],
)
def test_the_rates_are_those_of_the_reference(id_, mean, peak):
    profile = ALL[id_]
    assert profile.rate * profile.shape.mean == pytest.approx(mean, abs=0.1)
    assert profile.rate * profile.shape.highest == pytest.approx(peak, abs=0.1)


def test_extraction_reads_the_year_in_one_night():
    pages = next(share.weight for share in ALL["P07"].mix if share.route.__name__ == "page")
    assert pages * 1000 == pytest.approx(513, abs=1)


@pytest.mark.parametrize("id_", ALL)
def test_each_sends_forbidden_requests_at_all_five_levels_and_tolerates_no_leak(id_):
    profile = ALL[id_]
    plan = build(profile, TARGET, duration_s=60, scale=1, seed=3)
    refused = [one for one in plan.arrivals if one.expect.refusal]
    assert {one.route.removeprefix("refused-") for one in refused} == {
        *("source", "token", "scope", "cohort", "mask")
    }
    people = profile.people.count / profile.people.think_s * 2 * 60 if profile.people else 0
    assert 0.015 <= len(refused) / (len(plan.arrivals) + people) <= 0.13  # a short run probes each level once
    assert "leaks == 0" in profile.thresholds


@pytest.mark.parametrize("id_", ALL)
def test_each_says_its_arithmetic_and_its_figures_in_both_languages(id_):
    scenario = scenarios()[id_]
    for text in (scenario.arithmetic, *(one.meaning for one in scenario.assumptions.values())):
        assert text.fr
        assert text.en
        assert text.fr != text.en


def test_a_figure_that_is_replaced_changes_the_rate():
    assert scenario_named("steady-poll").profile({"flows": 1200}).rate == 1200 / 60 + 6 + 1200 / 300


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ({"flow": 1}, "did you mean flows"),
        ({"flows": 0}, "a positive number"),
        ({"flows": float("inf")}, "a positive number"),
        ({"flows": float("nan")}, "a positive number"),
    ],
)
def test_a_figure_that_is_none_is_refused(figures, said):
    with pytest.raises(LoadError, match=said):
        scenario_named("P02").profile(figures)


def test_people_pause_between_charts_and_their_number_scales():
    plan = build(ALL["P05"], TARGET, duration_s=300, scale=2, seed=1)
    assert len(plan.sessions) == 25
    pauses = sorted(opening.think_s for session in plan.sessions for opening in session[1:])
    assert pauses[len(pauses) // 2] == pytest.approx(15, rel=0.2)
    assert all(len(opening.requests) == 2 for session in plan.sessions for opening in session)
    assert type(plan).from_json(plan.to_json()) == plan


def test_without_charts_nobody_opens_one():
    bare = Target("http://127.0.0.1:1/fhir", (Persona("full"),), polled=("Encounter",))
    assert build(ALL["P05"], bare, duration_s=30, scale=1, seed=1).sessions == ()
