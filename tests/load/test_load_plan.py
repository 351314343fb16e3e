"""The schedule: decided by the seed, exact in its mix, without secrets once public."""

import json
import statistics
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from load_hospital import FULL_SECRET, Hospital

from lab.load.catalogue import profiles
from lab.load.error import LoadError
from lab.load.plan import LoadPlan, Profile, Share, Target, build
from lab.load.routes import DENIALS, poll
from lab.model.text import Text

P02 = profiles()["P02"]
TARGET = Hospital(base_url="http://127.0.0.1:1").target(assertions=30)
LEVELS = {"refused-source", "refused-token", "refused-scope", "refused-cohort", "refused-mask"}


def plan(**changes):
    return build(P02, TARGET, **({"duration_s": 20.0, "scale": 1.0, "seed": 42} | changes))


def test_the_seed_decides_the_schedule():
    assert plan() == plan()
    assert plan().arrivals != plan(seed=43).arrivals


def test_arrivals_are_in_order_and_as_many_as_rate_times_duration():
    instants = [arrival.at for arrival in plan(scale=10).arrivals]
    assert len(instants) == 3600
    assert instants == sorted(instants)
    assert instants[0] >= 0
    assert instants[-1] <= 20


def test_gaps_between_arrivals_are_exponential():
    instants = [arrival.at for arrival in plan(scale=50).arrivals]
    gaps = [b - a for a, b in pairwise(instants)]
    mean = statistics.mean(gaps)
    assert statistics.stdev(gaps) == pytest.approx(mean, rel=0.05)
    assert sum(gap > mean for gap in gaps) / len(gaps) == pytest.approx(0.368, abs=0.02)


def test_the_mix_is_exact_and_denials_are_four_percent():
    routes = Counter(arrival.route for arrival in plan(scale=10).arrivals)
    denials = {route: n for route, n in routes.items() if route in LEVELS}
    assert sum(denials.values()) == 144
    assert set(denials) == LEVELS
    assert max(denials.values()) - min(denials.values()) <= 1
    for route, weight in {"poll": 70, "read": 12, "search": 10, "token": 6, "metadata": 2}.items():
        assert routes[route] == pytest.approx(3456 * weight / 100, abs=1)


def test_a_short_run_still_probes_every_level_once():
    routes = Counter(arrival.route for arrival in plan(duration_s=2.0).arrivals)
    assert all(routes[level] == 1 for level in LEVELS)


def test_a_level_the_target_does_not_offer_is_left_out():
    without = replace(TARGET, refused_source=None, denied_type=None)
    routes = {a.route for a in build(P02, without, duration_s=20.0, scale=1.0, seed=1).arrivals}
    assert routes & LEVELS == {"refused-token", "refused-cohort", "refused-mask"}


def test_an_open_server_gets_ordinary_traffic_only():
    target = Hospital(base_url="http://127.0.0.1:1").open_target()
    routes = {a.route for a in build(P02, target, duration_s=20.0, scale=1.0, seed=1).arrivals}
    assert routes == {"poll", "read", "search", "metadata"}


def test_denials_come_with_their_right_answer():
    expected = {route(TARGET)[0].route: route(TARGET)[0] for route in DENIALS}
    assert expected["refused-source"].source == TARGET.refused_source
    assert expected["refused-token"].persona == ""
    assert expected["refused-scope"].expect.statuses == (403,)
    assert 404 in expected["refused-cohort"].expect.statuses
    assert set(TARGET.masked_values) <= set(expected["refused-mask"].expect.forbidden)
    assert all(arrival.expect.refusal for arrival in expected.values())


def test_a_target_with_nothing_to_ask_is_refused():
    with pytest.raises(LoadError, match="nothing to send"):
        build(P02, Target("http://127.0.0.1:1", personas=()), duration_s=1.0, scale=1.0, seed=1)


def test_a_profile_with_an_unreadable_threshold_cannot_exist():
    with pytest.raises(LoadError, match="Cannot read the threshold"):
        Profile("X", "x", Text(fr="x", en="x"), rate=1, mix=(Share(1, poll),), thresholds=("p95 fast",))


def test_a_plan_survives_the_pipe():
    assert LoadPlan.from_json(plan().to_json()) == plan()


def test_a_public_plan_and_a_printed_one_hold_no_secret():
    secrets = [FULL_SECRET, *TARGET.personas[1].token.assertions]
    public = plan().public().to_json().decode()
    assert not [secret for secret in secrets if secret in public or secret in repr(plan())]
    assert json.loads(public)["personas"][0]["name"] == "full"


def test_tokens_needed_are_one_to_start_and_one_for_each_renewal():
    renewals = sum(arrival.route == "token" for arrival in plan().arrivals)
    assert plan().tokens_needed == {"narrow": renewals + 1}


def test_slots_hold_a_server_that_never_answers_until_the_timeout():
    assert plan(scale=10).slots >= 180 * plan().timeout_s
    assert plan(scale=0.1).slots == 64


@pytest.mark.parametrize("id_", profiles())
def test_no_token_grows_old_whatever_the_profile_mixes(id_):
    made = build(profiles()[id_], TARGET, duration_s=700.0, scale=0.1, seed=3)
    asking = [persona.name for persona in TARGET.personas if persona.token]
    assert asking
    for name in asking:
        at = [0.0, *(one.at for one in made.arrivals if one.route == "token" and one.persona == name), 700.0]
        assert max(later - earlier for earlier, later in pairwise(at)) <= 130
        assert made.tokens_needed[name] == len(at) - 1
    assert [one.at for one in made.arrivals] == sorted(one.at for one in made.arrivals)
