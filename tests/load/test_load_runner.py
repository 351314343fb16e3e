"""Whole runs: real HTTP, real Locust in its child process, a few seconds each."""

import json
import subprocess
from collections import Counter
from dataclasses import replace

import pytest
from load_hospital import FULL_SECRET, hospital
from pyarrow import parquet

from lab.load import children
from lab.load.calibration import CALIBRATION
from lab.load.catalogue import profiles
from lab.load.error import LoadError
from lab.load.export import export
from lab.load.histogram import total
from lab.load.judge import recheck
from lab.load.people import People
from lab.load.plan import build
from lab.load.reading import read
from lab.load.runner import run

P02 = profiles()["P02"]


def plan(target, *, duration_s=1.0, scale=2.0):
    return build(P02, target, duration_s=duration_s, scale=scale, seed=5)


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory):
    """One run over the five levels, started from a hostile environment."""
    folder = tmp_path_factory.mktemp("ordinary")
    told = []
    with pytest.MonkeyPatch.context() as patch, hospital() as server:
        hostile = {
            "LOCUST_USERS": "50",
            "LOCUST_RUN_TIME": "1",
            "LOCUST_SKIP_MONKEY_PATCH": "1",
            "PYTHONPATH": str(folder / "elsewhere"),
            "PYTHONOPTIMIZE": "2",
            "HTTP_PROXY": "http://127.0.0.1:9",
        }
        for name, value in hostile.items():
            patch.setenv(name, value)
        made = plan(server.target(), duration_s=2.0)
        result = run(made, folder, on_progress=told.append)
        yield made, result, folder, server, told


def test_a_fast_server_conforms(ordinary):
    made, result, _, server, _ = ordinary
    assert result.valid, result.invalid_reason
    assert [threshold.expression for threshold in result.thresholds if not threshold.met] == []
    assert result.requests == len(made.arrivals) == 72
    assert (result.errors, result.leaks, result.dropped) == (0, 0, 0)
    assert {route.name: route.count for route in result.routes} == Counter(a.route for a in made.arrivals)
    assert sum(server.seen.values()) == 72 + 1  # the first token comes before the schedule


def test_each_level_refuses_once_and_refusals_are_no_errors(ordinary):
    _, result, _, server, _ = ordinary
    assert result.refusals == 5
    assert (server.seen[403], server.seen[401], server.seen[404]) == (2, 1, 1)


def test_polls_ask_for_what_changed_since_the_start(ordinary):
    _, _, _, server, _ = ordinary
    polls = {path for path in server.paths if "_lastUpdated" in path}
    assert len(polls) == 1
    assert polls.pop().startswith("/fhir/Encounter?_lastUpdated=ge20")


def test_no_secret_is_left_on_disk(ordinary):
    made, _, folder, server, _ = ordinary
    secrets = {FULL_SECRET, *server.tokens, *made.personas[1].token.assertions}
    written = {path.name: path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()}
    kept = {"plan.json", "machine.txt", "samples.jsonl", "answers.jsonl", "locust.json", "locust.log"}
    assert set(written) == kept
    assert not [(name, secret) for name, text in written.items() for secret in secrets if secret in text]


def test_the_results_can_be_judged_again_offline(ordinary):
    _, result, folder, _, _ = ordinary
    assert recheck(folder) == result


def test_locust_counted_the_same_requests(ordinary):
    _, result, folder, _, _ = ordinary
    entries = json.loads((folder / "locust.json").read_text())
    assert {entry["name"]: entry["num_requests"] for entry in entries} == {
        r.name: r.count for r in result.routes
    }
    assert sum(entry["num_failures"] for entry in entries) == 0


def test_intended_latency_holds_the_lateness_of_the_generator(ordinary):
    _, _, folder, _, _ = ordinary
    recorded = read(folder / "samples.jsonl").cells
    cells = [cell for key, cell in recorded.items() if key.route != CALIBRATION]
    intended, service = total(cell.intended for cell in cells), total(cell.service for cell in cells)
    assert intended.buckets.total() == service.buckets.total() == 72
    assert intended.percentile(50) > service.percentile(50)


def test_progress_grows_to_one(ordinary):
    *_, told = ordinary
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_single_stall_shows_in_the_p95(tmp_path):
    # Arrivals over 3 s, all answers held from 0 to 3 s: latency is 3 s minus the instant, so p95 is 2.85 s.
    with hospital(stall=(0.0, 3.0)) as server:
        result = run(plan(server.open_target(), duration_s=3.0), tmp_path)
    assert result.valid, result.invalid_reason
    assert result.errors == 0
    latency = next(route for route in result.routes if route.name == "poll")
    assert latency.p95 == pytest.approx(2850, rel=0.05)
    assert not next(t for t in result.thresholds if t.expression == "poll: p95 < 100ms").met
    # An open server was probed for no leak: nothing shown, nothing met.
    assert not next(t for t in result.thresholds if t.expression == "leaks == 0").met


def test_a_leak_is_counted_at_the_level_where_it_happens(tmp_path):
    with hospital(leaks=True) as server:
        result = run(plan(server.target()), tmp_path)
    assert (result.leaks, result.errors, result.refusals) == (2, 0, 3)
    assert not next(t for t in result.thresholds if t.expression == "leaks == 0").met


def test_a_request_without_a_slot_is_dropped_and_the_run_is_invalid(tmp_path):
    with hospital(latency_s=0.4) as server:
        made = replace(plan(server.open_target()), slots=2)
        result = run(made, tmp_path)
    assert result.dropped > 0
    assert result.dropped + result.requests == len(made.arrivals)
    assert not result.valid
    assert "could not leave" in result.invalid_reason.en


def test_a_dead_server_gives_errors_and_does_not_conform(tmp_path):
    with hospital() as server:
        made = plan(server.target())
    result = run(made, tmp_path)
    assert result.valid, result.invalid_reason
    assert result.errors == result.requests == len(made.arrivals)
    assert not any(threshold.met for threshold in result.thresholds)


def test_an_interruption_ends_the_child_and_keeps_what_was_recorded(tmp_path, monkeypatch):
    started = []
    start = subprocess.Popen
    monkeypatch.setattr(
        children.subprocess, "Popen", lambda *a, **k: started.append(start(*a, **k)) or started[-1]
    )

    def interrupt(_fraction):
        raise KeyboardInterrupt

    with hospital() as server, pytest.raises(KeyboardInterrupt):
        run(plan(server.open_target(), duration_s=60.0), tmp_path, on_progress=interrupt)
    assert all(child.poll() is not None for child in started)
    result = recheck(tmp_path)
    assert result.requests > 0
    assert not result.valid
    assert "stopped before its end" in result.invalid_reason.en


def test_too_few_assertions_are_refused_before_anything_is_sent(tmp_path):
    with hospital() as server, pytest.raises(LoadError, match="1 client assertions and this plan uses 3"):
        run(plan(server.target(assertions=1)), tmp_path)
    assert not server.seen


def test_a_defect_of_the_generator_is_said_and_never_blamed_on_the_server(tmp_path):
    with hospital() as server:
        made = plan(server.open_target())
        broken = replace(made, arrivals=tuple(replace(arrival, route="token") for arrival in made.arrivals))
        with pytest.raises(LoadError, match=r"exit code 3: .*Persona anyone cannot ask for a token"):
            run(broken, tmp_path)


def test_people_open_charts_one_after_the_other_and_are_measured_whole(tmp_path):
    with hospital() as server:
        server.latency_s = 0.05
        target = replace(server.open_target(), charts=(("Patient/pat-000001", "Encounter?_count=20"),))
        profile = replace(profiles()["P05"], rate=1.0, people=People(count=6, think_s=0.4))
        made = build(profile, target, duration_s=3.0, scale=1.0, seed=5)
        result = run(made, tmp_path)
    assert result.valid, result.invalid_reason
    routes = {route.name: route for route in result.routes}
    opened, asked = routes["chart-opening"], routes["chart"]
    assert asked.count == 2 * opened.count
    assert 15 <= opened.count <= 6 * 3.0 / 0.4
    assert opened.p50 >= 50  # both at once: the time of one, not of two
    assert opened.p50 < 100
    assert result.requests == asked.count + len(made.arrivals)  # an opening is no request
    assert sum(second.achieved for second in result.series) == result.requests
    assert recheck(tmp_path) == result


def test_people_who_wait_send_less(tmp_path):
    """The closed part of a load: a slow server is asked less, which open arrivals never do."""
    counts = []
    for latency_s in (0.0, 0.6):
        with hospital() as server:
            server.latency_s = latency_s
            target = replace(server.open_target(), charts=(("Patient/pat-000001",),))
            profile = replace(profiles()["P05"], rate=2.0, people=People(count=5, think_s=0.3))
            result = run(build(profile, target, duration_s=3.0, scale=1.0, seed=5), tmp_path / str(latency_s))
        routes = {route.name: route.count for route in result.routes}
        counts.append(routes["chart-opening"])
    assert counts[1] < 0.6 * counts[0]


def test_the_first_leak_ends_the_run_and_it_fails(tmp_path):
    with hospital(leaks=True) as server:
        result = run(plan(server.target(assertions=300), duration_s=60.0, scale=4.0), tmp_path)
    assert result.leaks > 0
    assert "“leaks == 0” could not be met any more" in result.aborted.en
    assert "« leaks == 0 »" in result.aborted.fr
    assert result.invalid_reason is None  # what was seen until then is a verdict
    assert len(result.series) < 30
    assert recheck(tmp_path) == result


def test_a_threshold_that_asks_for_it_ends_the_run_once_there_are_enough_samples(tmp_path):
    limits = ("all: p50 < 40ms min 60 abort", "requests >= 1")
    with hospital(latency_s=0.08) as server:
        made = plan(server.open_target(), duration_s=60.0)
        result = run(replace(made, thresholds=limits), tmp_path / "slow")
        stopped = replace(
            made, thresholds=("all: p50 < 4s min 60 abort",), arrivals=tuple(made.arrivals)[:100]
        )
        kept = run(replace(stopped, duration_s=stopped.arrivals[-1].at), tmp_path / "fast")
    assert result.aborted is not None
    assert [one.met for one in result.thresholds] == [False, True]
    assert result.thresholds[0].samples >= 60
    assert kept.aborted is None


def test_a_server_that_dies_gives_errors_from_then_on(tmp_path):
    with hospital() as server:
        made = plan(server.open_target(), duration_s=4.0)

        def die(share):
            if share < 1 and server.stop is not None:
                server.stop()
                server.stop = None

        result = run(made, tmp_path, on_progress=die)
    assert result.valid, result.invalid_reason
    assert 0 < result.errors < result.requests == len(made.arrivals)
    assert not next(one for one in result.thresholds if "error_rate" in one.expression).met


def test_the_results_are_exported_as_parquet(ordinary, tmp_path):
    _, result, folder, _, _ = ordinary
    rows = export(folder, tmp_path / "x.parquet")
    table = parquet.read_table(tmp_path / "x.parquet")
    assert table.num_rows == rows
    requests = [
        count
        for route, latency, count in zip(
            *(table.column(name).to_pylist() for name in ("route", "latency", "requests")), strict=True
        )
        if latency == "service" and route != CALIBRATION
    ]
    assert sum(requests) == result.requests
