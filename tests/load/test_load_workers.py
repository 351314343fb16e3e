"""Several generators at once: Locust's master and workers, a plan without overlap, a death that is said."""

import os
import signal
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from load_hospital import FULL_SECRET, Hospital, hospital

from lab.load import children
from lab.load.catalogue import profiles
from lab.load.error import LoadError
from lab.load.judge import recheck
from lab.load.orders import Orders
from lab.load.people import People
from lab.load.plan import build
from lab.load.runner import run
from lab.load.slices import slice_of
from lab.load.target import Persona

TARGET = Hospital(base_url="http://127.0.0.1:1").target(assertions=100)


def plan(target, *, duration_s=2.0, workers=2, scale=3.0):
    return build(profiles()["P02"], target, duration_s=duration_s, scale=scale, seed=5, workers=workers)


@pytest.mark.parametrize("workers", [2, 3])
def test_slices_hold_everything_once(workers):
    profile = replace(profiles()["P05"], people=People(count=7, think_s=0.4))
    target = replace(TARGET, charts=(("Patient/pat-000001",),))
    whole = build(profile, target, duration_s=400.0, scale=1.0, seed=5, workers=workers)
    parts = [slice_of(whole, number) for number in range(workers)]
    assert Counter(one for part in parts for one in part.arrivals) == Counter(whole.arrivals)
    assert Counter(one for part in parts for one in part.sessions) == Counter(whole.sessions)
    sizes = [len(part.arrivals) for part in parts]
    assert max(sizes) - min(sizes) <= 2
    armed = [one.token for part in parts for one in part.personas if one.token]
    used = [assertion for token in armed for assertion in token.assertions]
    assert len(used) == len(set(used)) == sum(whole.tokens_needed.values())
    for part in parts:
        narrow = next(one for one in part.personas if one.token)
        renewed = [one.at for one in part.arrivals if one.route == "token"]
        assert len(narrow.token.assertions) == 1 + len(renewed)
        assert max(b - a for a, b in zip([0.0, *renewed], [*renewed, 400.0], strict=True)) <= 130


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One run shared by two generators."""
    folder = tmp_path_factory.mktemp("shared")
    with hospital() as server:
        made = plan(server.target())
        yield made, run(made, folder), folder, server


def test_two_generators_play_one_plan(shared):
    made, result, _, server = shared
    assert result.valid, result.invalid_reason
    assert result.requests == len(made.arrivals)
    assert (result.errors, result.leaks, result.dropped) == (0, 0, 0)
    assert {route.name: route.count for route in result.routes} == Counter(a.route for a in made.arrivals)
    assert sum(server.seen.values()) == len(made.arrivals) + 2  # the first token of each
    assert result.generator.workers == 2


def test_orders_longer_than_a_pipe_reach_every_generator(tmp_path):
    with hospital() as server:
        made = plan(server.target(), scale=24.0)
        made = replace(made, arrivals=tuple(made.arrivals))
        assert min(len(Orders(slice_of(made, n), "s").to_json()) for n in range(2)) > 2**16
        result = run(made, tmp_path)
    assert result.requests + result.dropped == len(made.arrivals)


def test_each_records_apart_and_the_sum_is_judged_again_offline(shared):
    _, result, folder, _ = shared
    assert {path.name for path in folder.glob("samples*")} == {"samples-1.jsonl", "samples-2.jsonl"}
    assert recheck(folder) == result


def test_no_secret_of_any_generator_is_on_disk(shared):
    made, _, folder, server = shared
    secrets = {FULL_SECRET, *server.tokens, *made.personas[1].token.assertions}
    written = [path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()]
    assert not [secret for text in written for secret in secrets if secret in text]


def test_a_generator_that_is_killed_makes_the_run_invalid(tmp_path, monkeypatch):
    started = []
    start = children.subprocess.Popen
    monkeypatch.setattr(
        children.subprocess, "Popen", lambda *a, **k: started.append(start(*a, **k)) or started[-1]
    )

    def kill(_share):
        os.kill(started[3].pid, signal.SIGKILL)  # after the echo, the master and the first one

    with hospital() as server:
        result = run(plan(server.target(), duration_s=30.0, scale=1.0), tmp_path, on_progress=kill)
    assert not result.valid
    assert "Generator 2 of 2 died during the run (signal 9)" in result.invalid_reason.en
    assert "Le générateur 2 sur 2 est mort" in result.invalid_reason.fr
    assert 0 < result.requests < result.target_rate * 30
    assert all(child.poll() is not None for child in started)
    assert recheck(tmp_path) == result


def test_a_defect_of_one_generator_ends_the_run_and_is_quoted(tmp_path):
    with hospital() as server:
        made = plan(server.open_target())
        broken = replace(made, arrivals=tuple(replace(arrival, route="token") for arrival in made.arrivals))
        with pytest.raises(LoadError, match=r"exit code 3: .*Persona anyone cannot ask for a token"):
            run(broken, tmp_path)


def test_a_bearer_that_cannot_be_sent_ends_those_who_wait_for_the_start(tmp_path):
    with hospital() as server:
        made = plan(server.open_target())
        broken = replace(made, personas=(Persona("anyone", bearer="not one\n"),))
        with pytest.raises(LoadError, match=r"exit code 3: .*bearer of persona anyone must be printable"):
            run(broken, tmp_path)


def test_the_master_listens_on_this_machine_only():
    words = children.master_command(2)
    assert words[words.index("--master-bind-host") + 1] == "127.0.0.1"
    assert Path(words[words.index("-f") + 1]).name == "locustfile.py"
