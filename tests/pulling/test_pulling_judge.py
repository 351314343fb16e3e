"""A result: valid only when the laboratory did its part; the same again from what is on file."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from puller_traffic import BASE, bundle, commit, encounter, exchange, instant

from lab.journal.journal import Journal
from lab.load.error import LoadError
from lab.model.text import Text
from lab.pulling.judge import judge
from lab.pulling.plan import FaultWindow, PullPlan, events
from lab.pulling.rechecking import PLAN_FILE, recheck_all
from lab.pulling.recording import RECORD_FILE, Recorder, Recording, read

PLAN = PullPlan(
    client_id="app",
    base_url=BASE,
    title=Text("un", "one"),
    interval_s=1.0,
    rate=1.0,
    duration_s=20.0,
    seed=1,
    hidden_share=0.0,
    overlap_s=60.0,
    drain_s=5.0,
    windows=(),
    thresholds=("coverage == 100%", "staleness: p95 < interval + 5s", "lag_slope <= 0", "rereads < 1"),
    events=events(1, 20, 1, 0.0, "event"),
)
COMMITS = tuple(commit(n, 1.0 + n) for n in range(20))
RECORDING = Recording(0.5, 30.0, (), COMMITS)


def polls(commits=COMMITS, *, took=0.01, period=1.0):
    """Return the journal of a puller that asks for the last five seconds."""
    for number in range(25):
        t = 1.5 + number * period
        new = [one for one in commits if t - 5 <= one.t <= t]
        body = bundle(*(encounter(one.number, one.updated) for one in new))
        path = f"/Encounter?_lastUpdated=ge{instant(max(0.0, t - 5))}"
        yield exchange(t, path, body, latency_ms=1000 * took)


def test_a_sound_run_meets_everything_beside_theory():
    result = judge(PLAN, RECORDING, polls())
    assert result.valid
    assert all(one.met for one in result.thresholds)
    assert (result.events, result.delivered) == (20, 20)
    assert result.habits.period_s == pytest.approx(1.0)
    assert result.habits.window_s == pytest.approx(5.0, abs=0.1)
    assert result.staleness.p50 == pytest.approx(0.51, rel=0.02)
    assert result.staleness.theory_mean == pytest.approx(0.51, rel=0.02)
    assert result.duplicates is not None
    assert result.duplicates > 3


@pytest.mark.parametrize(
    ("recording", "took", "said"),
    [
        (replace(RECORDING, ended=None), 0.01, "stopped before its end"),
        (replace(RECORDING, commits=COMMITS[:15]), 0.01, "75.0 % of the planned events"),
        (replace(RECORDING, commits=(*COMMITS[:19], commit(19, 90.0))), 0.01, "of the planned events"),
        (replace(RECORDING, commits=(*COMMITS[:19], commit(19, 20.0, version=0))), 0.01, "95.0 %"),
        (RECORDING, 1.5, "The gateway itself took 1.5 s"),
    ],
)
def test_what_the_laboratory_did_not_do_makes_it_invalid(recording, took, said):
    result = judge(PLAN, recording, polls(took=took))
    assert not result.valid
    assert said in result.invalid_reason.en
    assert result.invalid_reason.fr != result.invalid_reason.en


def test_a_fault_that_met_no_request_shows_nothing_unless_the_application_had_given_up():
    brief = replace(RECORDING, windows=(FaultWindow("cut", 5.1, 5.5),))
    result = judge(PLAN, brief, polls())
    assert not result.valid
    assert "met no request" in result.invalid_reason.en
    assert judge(PLAN, brief, [one for one in polls() if one.t < 5]).valid


def test_an_event_outside_the_cohort_that_came_through_is_the_fault_of_the_hospital():
    hidden = replace(COMMITS[3], hidden=True)
    result = judge(PLAN, replace(RECORDING, commits=(*COMMITS[:3], hidden, *COMMITS[4:])), polls())
    assert result.strays == 1
    assert not result.valid
    assert result.leaks == 0


def test_an_application_that_asks_nothing_meets_nothing():
    result = judge(PLAN, RECORDING, ())
    assert result.valid
    assert {one.expression for one in result.thresholds if one.met} == {"rereads < 1"}
    assert [one.reason for one in result.missed] == ["silence"]


def test_what_was_lost_has_its_reason():
    later = judge(PLAN, RECORDING, polls(commits=tuple(one for one in COMMITS if one.number % 2)))
    assert [(one.reason, one.count) for one in later.missed] == [("window", 10)]
    storm = replace(RECORDING, windows=(FaultWindow("unavailable", 5.0, 8.0),))
    missing = tuple(one for one in COMMITS if not 6 < one.t < 8)
    assert "fault" in {one.reason for one in judge(PLAN, storm, polls(commits=missing)).missed}


def test_a_superseded_version_counts_as_delivered_with_its_successor():
    again = replace(commit(20, 3.2, reference=COMMITS[2].reference), version=2)
    result = judge(
        replace(PLAN, events=events(1, 21, 1, 0.0, "event")),
        replace(RECORDING, commits=(*COMMITS, again)),
        polls(commits=(*COMMITS[:2], again, *COMMITS[3:])),
    )
    # The mark of the successor names its number, and its own resource is another one in this journal.
    assert result.events == 21


def test_what_is_on_file_gives_the_same_result(tmp_path):
    journal = Journal(tmp_path / "hospital.jsonl", "G")
    for one in polls():
        facts = {name: value for name, value in asdict(one).items() if name != "id"}
        journal.record(**facts)
    journal.close()
    (tmp_path / PLAN_FILE).write_bytes(PLAN.to_json())
    with Recorder(tmp_path / RECORD_FILE) as recorder:
        recorder.begun(0.5, ())
        for one in COMMITS:
            recorder.committed(one)
        recorder.ended(30.0)
    (again,) = recheck_all(tmp_path, tmp_path / "hospital.jsonl")
    assert again == judge(PLAN, RECORDING, polls())
    assert recheck_all(tmp_path / "absent", tmp_path / "hospital.jsonl") == ()


def test_a_full_disk_is_said_in_one_sentence():
    with Recorder(Path("/dev/full")) as recorder, pytest.raises(LoadError, match="free some disk space"):
        recorder.committed(COMMITS[0])


def test_a_record_cut_by_a_crash_is_read_to_its_last_whole_line(tmp_path):
    path = tmp_path / RECORD_FILE
    with Recorder(path) as recorder:
        recorder.begun(0.5, (FaultWindow("cut", 1.0, 2.0),))
        recorder.committed(COMMITS[0])
    path.write_bytes(path.read_bytes() + json.dumps({"number": 1})[:-1].encode())
    assert read(path) == Recording(0.5, None, (FaultWindow("cut", 1.0, 2.0),), COMMITS[:1])
