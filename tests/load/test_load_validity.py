"""The generator is judged before the server: each cause of ours makes the run invalid, and is named."""

import os
import signal

import pytest
from load_hospital import Hospital, hospital

from lab.load import calibration, children
from lab.load.calibration import CALIBRATION
from lab.load.catalogue import profiles
from lab.load.ending import Ending
from lab.load.judge import judge
from lab.load.plan import build
from lab.load.record import Key, Recording, Tick
from lab.load.runner import run
from lab.load.validity import cpu_share, invalidity

TARGET = Hospital(base_url="http://127.0.0.1:1").target()
PLAN = build(profiles()["P02"], TARGET, duration_s=10.0, scale=1.0, seed=3)


def recording(*, cpu=0.3, drift=0.0, echo_s=0.001, echo="ok", echoes=200):
    """Record a run in which the server did well, and the generator as a test says."""
    ticks = tuple(Tick(float(at), at * cpu, drift if at > 4 else 0.0) for at in range(1, 11))
    whole = Recording(sent=len(PLAN.arrivals), last_sent=9.9, complete=True, ticks=(ticks,))
    for arrival in PLAN.arrivals:
        outcome = "refusal" if arrival.expect.refusal else "ok"
        whole.cells[Key(int(arrival.at), arrival.route, 200, outcome, "")].intended.add(0.01)
        whole.lag.add(0.001)
    for number in range(echoes):
        whole.cells[Key(number // 20, CALIBRATION, 200, echo, "")].intended.add(echo_s)
    return whole


def test_a_generator_that_is_well_changes_nothing():
    result = judge(PLAN, recording())
    assert result.valid, result.invalid_reason
    assert result.notes == ()
    assert result.generator.cpu == pytest.approx(0.3)
    assert result.generator.calibrations == 200
    assert result.generator.calibration_p99 == pytest.approx(1.0, rel=0.005)
    assert CALIBRATION not in {route.name for route in result.routes}
    assert result.requests == sum(second.achieved for second in result.series) == len(PLAN.arrivals)


@pytest.mark.parametrize(
    ("flaw", "english", "french"),
    [
        ({"cpu": 0.95}, "used 95 % of a core over 5 s (90 % allowed)", "95 % d'un cœur"),
        ({"echo_s": 0.3}, "Our own echo took 300", "écho a répondu en"),
        ({"echo": "error"}, "did not always answer (failures: 200)", "(échecs : 200)"),
    ],
)
def test_what_is_wrong_with_the_generator_is_said(flaw, english, french):
    result = judge(PLAN, recording(**flaw))
    assert not result.valid
    assert english in result.invalid_reason.en
    assert french in result.invalid_reason.fr


def test_one_slow_echo_of_few_is_no_reason():
    assert invalidity(PLAN, recording(echo_s=0.3, echoes=20)) is None


def test_five_busy_seconds_count_and_a_burst_does_not():
    idle = [Tick(float(at), 0.0, 0.0) for at in range(5)]
    burst = [*idle, *(Tick(5.0 + at, 1.0, 0.0) for at in range(10))]
    busy = [*idle, *(Tick(5.0 + at, float(min(at, 6)), 0.0) for at in range(10))]
    assert cpu_share(burst) < 0.3
    assert cpu_share(busy) > 0.9
    assert cpu_share(idle[:2]) is None


def test_a_jump_of_the_clock_is_noted_and_spoils_nothing():
    result = judge(PLAN, recording(drift=-3600.0))
    assert result.valid
    (note,) = result.notes
    assert "jumped by -3600.0 s" in note.en
    assert "a sauté de -3600,0 s" in note.fr


def test_the_death_of_the_master_is_not_that_of_a_generator():
    reason = invalidity(PLAN, recording(), Ending("worker", 3.0, worker=2, signal=9))
    assert "The master of the generators died" in reason.en


def test_an_echo_that_stands_still_makes_a_real_run_invalid(tmp_path, monkeypatch):
    echoes = []
    start = children.subprocess.Popen

    def started(words, **options):
        child = start(words, **options)
        echoes.extend([child] if "lab.load.echo" in words else [])
        return child

    monkeypatch.setattr(calibration.subprocess, "Popen", started)

    def freeze(_share):
        os.kill(echoes[0].pid, signal.SIGSTOP)

    with hospital() as server:
        made = build(profiles()["P02"], server.open_target(), duration_s=4.0, scale=2.0, seed=5)
        result = run(made, tmp_path, on_progress=freeze)
    assert not result.valid
    assert "Our own echo did not always answer" in result.invalid_reason.en
    assert result.errors == 0
    assert echoes[0].poll() is not None
