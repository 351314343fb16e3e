"""What is to happen is decided by the seed, before anything happens."""

import pytest

from lab.load.error import LoadError
from lab.model.text import Text
from lab.pulling.plan import MARK, FaultWindow, PullPlan, events, resource_of


def test_the_same_seed_gives_the_same_events_and_another_seed_others():
    made = events(5, 20, 7, 0.1, "event")
    assert made == events(5, 20, 7, 0.1, "event")
    assert made != events(5, 20, 8, 0.1, "event")
    assert len(made) == 100
    assert [one.at for one in made] == sorted(one.at for one in made)
    assert all(0 <= one.at <= 20 for one in made)


def test_some_events_are_hidden_and_some_are_new_versions_of_the_same_side():
    made = events(10, 100, 7, 0.1, "event")
    assert 50 < sum(one.hidden for one in made) < 160
    sides = {}
    for one in made:
        sides.setdefault(one.id, set()).add(one.hidden)
    assert 500 < len(sides) < 900
    assert all(len(side) == 1 for side in sides.values())


@pytest.mark.parametrize(("rate", "duration"), [(0.01, 10), (0, 10), (1_000_000, 60)])
def test_none_and_too_many_are_refused_in_one_sentence(rate, duration):
    with pytest.raises(LoadError, match="events: expected 1 to"):
        events(rate, duration, 1, 0.0, "event")


def test_an_event_copies_a_resource_under_an_id_and_a_mark_of_its_own():
    pattern = {"resourceType": "Encounter", "id": "enc-1", "identifier": [{"system": "x", "value": "1"}]}
    event = events(1, 1, 1, 0.0, "event")[0]
    made = resource_of(event, (pattern,))
    assert made["id"] == "event-000000"
    assert made["identifier"] == [
        {"system": "x", "value": "1"},
        {"system": MARK, "value": "event-000000-0"},
    ]
    assert pattern["id"] == "enc-1"


def test_a_plan_is_the_same_after_a_file():
    plan = PullPlan(
        client_id="app",
        base_url="http://127.0.0.1:1/fhir",
        title=Text("un", "one"),
        interval_s=1.0,
        rate=2.0,
        duration_s=3.0,
        seed=4,
        hidden_share=0.1,
        overlap_s=60.0,
        drain_s=10.0,
        windows=(FaultWindow("cut", 1.0, 2.0),),
        thresholds=("coverage == 100%",),
        events=events(2, 3, 4, 0.1, "event"),
    )
    assert PullPlan.from_json(plan.to_json()) == plan
