"""The options of ``lab load pull``: what is left out comes from the scenario; each mistake has a sentence."""

from dataclasses import replace

import pytest

from lab.cli.pull_options import Chosen, to_play
from lab.load.error import LoadError
from lab.model.target import ClientRole, SystemUnderTest
from lab.model.words import Role
from scenarios.pulling import DURATION_S, RATE, windows

NOTHING = Chosen(0, "x1", 0, "", (), 0)
CLIENT = ClientRole("app", "system/Patient.rs", {}, poll_interval_s=0.5)
APP = SystemUnderTest("v", "n", "1", (Role.CLIENT,), "/", "", client=CLIENT)


def test_nothing_chosen_is_the_peak_of_the_hospital_with_every_fault():
    pull = to_play(NOTHING, APP)
    assert (pull.rate, pull.duration_s) == (RATE, DURATION_S)
    assert [one.fault for one in pull.windows] == ["unavailable", "throttled", "cut", "down"]
    assert "loss == 0" in pull.thresholds


def test_without_faults_nothing_is_asked_of_recovery():
    pull = to_play(replace(NOTHING, faults="none", scale="x10", rate=2), APP)
    assert pull.rate == 20
    assert pull.windows == ()
    assert not any("recovery" in one or "loss" in one for one in pull.thresholds)


def test_a_search_has_short_steps_and_its_own_thresholds():
    pull = to_play(replace(NOTHING, steps=6), APP)
    assert (pull.steps, pull.windows) == (6, ())
    assert pull.duration_s < DURATION_S
    assert to_play(replace(NOTHING, thresholds=("loss == 0",)), APP).thresholds == ("loss == 0",)


def test_who_polls_seldom_is_watched_for_longer():
    seldom = replace(APP, client=replace(CLIENT, poll_interval_s=60))
    assert to_play(replace(NOTHING, faults="none"), seldom).duration_s == 720
    stormy = to_play(NOTHING, seldom)
    assert stormy.duration_s == 1800
    assert all(one.ends - one.begins >= 120 for one in stormy.windows)
    assert stormy.drain_s >= 120


def test_faults_come_once_what_is_usual_is_known_and_do_not_overlap():
    made = windows(60, {"unavailable": 3, "cut": 2})
    assert made[0].begins > 15
    assert made[0].ends < made[1].begins < made[1].ends < 60


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"scale": "x0"}, "a number above 0"),
        ({"scale": "ten"}, "a number above 0"),
        ({"duration_s": 2}, "too short for an application that polls every 0.5 s"),
        ({"faults": "flood:3"}, "--faults is a list such as unavailable:4"),
        ({"faults": "cut:-1"}, "--faults is a list such as"),
        ({"faults": "down:60", "duration_s": 30}, "do not fit into 30 s"),
        ({"thresholds": ("speed < 3",)}, "Cannot read the threshold"),
        ({"rate": 100_000}, "expected 1 to 200000"),
        ({"rate": 0.0001}, "expected 1 to 200000"),
    ],
)
def test_each_mistake_has_its_sentence(chosen, said):
    with pytest.raises((ValueError, LoadError), match=said):
        to_play(replace(NOTHING, **chosen), APP)


def test_a_server_only_has_nothing_to_pull():
    with pytest.raises(ValueError, match="server only"):
        to_play(NOTHING, replace(APP, client=None))
