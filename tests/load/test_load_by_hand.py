"""A plan that others play: with plain Locust, with its workers, in containers; secrets are never in it."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace

import httpx
import pytest
from load_hospital import FULL_SECRET, hospital

from lab.load.by_hand import orders_by_hand, write_plan
from lab.load.catalogue import profiles
from lab.load.children import LOCUSTFILE, master_options, worker_options
from lab.load.deployment import build_files, compose, locust_test
from lab.load.error import LoadError
from lab.load.judge import recheck
from lab.load.plan import build
from lab.load.record import Key, Recorder

LOCUST = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE)]


def plan(target, *, workers=1, duration_s=2.0):
    return build(profiles()["P02"], target, duration_s=duration_s, scale=2.0, seed=5, workers=workers)


@pytest.fixture
def folder(tmp_path):
    """Where a plan is written and played."""
    return tmp_path / "by hand"


def played(folder):
    return {
        **os.environ,
        "LAB_LOAD_PLAN": str(folder / "plan.json"),
        "LAB_LOAD_SECRETS": str(folder / "secrets.json"),
    }


def fill(folder, server):
    """Fill in the secrets as a vendor does: here one bearer for each persona."""
    secrets = json.loads((folder / "secrets.json").read_text())
    assert set(secrets) == {"full", "narrow"}
    server.tokens["of-narrow"] = "narrow"
    (folder / "secrets.json").write_text(
        json.dumps({"full": {"bearer": FULL_SECRET}, "narrow": {"bearer": "of-narrow"}})
    )


def without_tokens(made):
    """The same plan for identities that have a bearer and renew nothing."""
    arrivals = tuple(one for one in made.arrivals if one.route != "token")
    return type(made)(**{**vars(made), "arrivals": arrivals})


def test_a_vendor_plays_it_with_plain_locust(folder):
    with hospital() as server:
        made = without_tokens(plan(server.target()))
        write_plan(made, folder)
        fill(folder, server)
        command = [*LOCUST, "--headless", "--users", "1", "--host", f"{server.base_url}/fhir"]
        done = subprocess.run(
            command, cwd=folder, env=played(folder), capture_output=True, timeout=90, check=False
        )
    assert done.returncode == 0, done.stderr.decode()
    result = recheck(folder)
    assert (result.requests, result.errors, result.leaks) == (len(made.arrivals), 0, 0)
    assert b"refused-cohort" in done.stderr  # the table that Locust prints itself


def test_two_workers_play_it_with_the_options_of_the_compose_file(folder):
    with hospital() as server:
        made = without_tokens(plan(server.target(), workers=2))
        write_plan(made, folder)
        fill(folder, server)
        services = compose(elsewhere(made), "1000:1000")["services"]
        master, worker = (services[name]["command"][2:] for name in ("master", "worker"))
        assert master == master_options(2, "0.0.0.0", 5557)  # noqa: S104 - compared, not bound
        assert worker == worker_options("master", 5557)
        assert services["worker"]["deploy"]["replicas"] == 2
        port = str(free_port())
        here = {"0.0.0.0": "127.0.0.1", "master": "127.0.0.1", "5557": port}  # noqa: S104 - replaced
        others = ["--headless", "--host", f"{server.base_url}/fhir"]
        commands = [
            [*LOCUST, *(here.get(word, word) for word in words)] for words in (master, worker, worker)
        ]
        commands = [[*commands[0], *others], *([*one, *others[1:]] for one in commands[1:])]
        children = [
            subprocess.Popen(
                one, cwd=folder, env=played(folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
            for one in commands
        ]
        try:
            said = [child.communicate(timeout=90)[0] for child in children]
        finally:
            for child in children:
                child.kill()
                child.wait()
    assert [child.returncode for child in children] == [0, 0, 0], said
    result = recheck(folder)
    assert (result.requests, result.errors) == (len(made.arrivals), 0)
    assert {route.name: route.count for route in result.routes} == Counter(a.route for a in made.arrivals)


def free_port():
    import socket  # noqa: PLC0415

    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def test_what_is_written_holds_no_secret_and_secrets_are_for_their_owner(folder):
    with hospital() as server:
        target = server.target()
        write_plan(plan(target), folder)
    written = "".join(path.read_text() for path in folder.iterdir())
    assert not [one for one in (FULL_SECRET, *target.personas[1].token.assertions) if one in written]
    assert (folder / "secrets.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "secrets.json").chmod(0o644), "chmod 600 it"),
        (lambda folder: (folder / "secrets.json").write_text("{"), "is no JSON"),
        (lambda folder: (folder / "secrets.json").write_text("[]"), "must be a JSON object"),
        (lambda folder: (folder / "secrets.json").unlink(), "cannot be read"),
        (lambda folder: (folder / "plan.json").unlink(), "cannot be read"),
        (lambda folder: (folder / "plan.json").write_text("{}"), "is no load plan"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(folder, spoil, said):
    with hospital() as server:
        write_plan(plan(server.target()), folder)
    spoil(folder)
    with pytest.raises(LoadError, match=said):
        orders_by_hand(played(folder), 0, None)


def test_one_worker_too_many_is_refused(folder):
    with hospital() as server:
        write_plan(plan(server.target(), workers=2), folder)
    with pytest.raises(LoadError, match="for 2 generators and one more has come"):
        orders_by_hand(played(folder), 2, None)


def test_the_operator_gets_the_same_options_and_a_plan_that_a_config_map_holds():
    with hospital() as server:
        target = server.target()
    made = plan(target, workers=3)
    config, test = json.loads(json.dumps(locust_test(made, "registry/image:1", "/vault/load")))["items"]
    assert (test["apiVersion"], test["kind"], test["spec"]["workers"]) == ("locust.io/v1", "LocustTest", 3)
    assert test["spec"]["args"].split() == master_options(3, "", None)
    assert test["spec"]["locustfile"]["configMap"]["name"] == config["metadata"]["name"]
    assert set(config["data"]) == {"locustfile.py", "plan.json"}
    assert FULL_SECRET not in config["data"]["plan.json"]
    assert {one["name"] for one in test["spec"]["env"]} == {
        *("LAB_LOAD_PLAN", "LAB_LOAD_RESULTS", "LAB_LOAD_SECRETS")
    }
    bare = locust_test(made, "registry/image:1")["items"][1]
    assert {one["name"] for one in bare["spec"]["env"]} == {"LAB_LOAD_PLAN", "LAB_LOAD_RESULTS"}
    locust_test(plan(target, duration_s=36_000.0), "registry/image:1")
    listed = replace(made, arrivals=tuple(plan(target, duration_s=500.0).arrivals))
    with pytest.raises(LoadError, match="a ConfigMap holds 1,000,000"):
        locust_test(listed, "registry/image:1")


def test_the_web_page_of_locust_plays_it_and_stays_open(folder):
    with hospital() as server:
        made = without_tokens(plan(server.target()))
        write_plan(made, folder)
        fill(folder, server)
        page = f"http://127.0.0.1:{free_port()}"
        command = [*LOCUST, "--web-host", "127.0.0.1", "--web-port", page.rpartition(":")[2]]
        command += ["--host", f"{server.base_url}/fhir"]
        with (folder / "log").open("wb") as log:
            child = subprocess.Popen(command, cwd=folder, env=played(folder), stdout=log, stderr=log)
        try:
            until(lambda: httpx.get(page).status_code == 200)
            asked = httpx.post(f"{page}/swarm", data={"user_count": 5, "spawn_rate": 5})
            assert asked.json()["success"], asked.text
            until(lambda: recheck(folder).valid)
            until(lambda: httpx.get(f"{page}/stats/requests").json()["state"] == "stopped")
            shown = {one["name"]: one for one in httpx.get(f"{page}/stats/requests").json()["stats"]}
        finally:
            child.kill()
            child.wait()
    result = recheck(folder)
    assert result.requests == len(made.arrivals)  # once, although five users were asked for
    assert shown["Aggregated"]["num_requests"] == len(made.arrivals)
    assert shown["refused-cohort"]["num_failures"] == 0


def until(holds, seconds=60):
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(httpx.TransportError):
            if holds():
                return
        time.sleep(0.2)
    pytest.fail("it did not come to hold")


def test_an_application_of_this_machine_is_reached_on_its_own_network_and_another_by_the_bridge():
    with hospital() as server:
        here = plan(server.target(), workers=2)
    services = compose(here, "1000:1000")["services"]
    assert {one["network_mode"] for one in services.values()} == {"host"}
    assert "ports" not in services["master"]  # nothing is published, and the page is for this machine only
    assert services["master"]["command"][-2:] == ["--web-host", "127.0.0.1"]
    assert services["master"]["command"][2:-2] == master_options(2, "127.0.0.1", 5557)
    assert services["worker"]["command"][2:] == worker_options("127.0.0.1", 5557)
    services = compose(elsewhere(here), "1000:1000")["services"]
    assert not any("network_mode" in one for one in services.values())
    assert services["master"]["ports"] == ["127.0.0.1:8089:8089"]


def elsewhere(made):
    """The same plan, for an application on a network of the documentation (RFC 5737)."""
    return replace(made, base_url="http://192.0.2.1:8080/fhir")


@pytest.mark.parametrize("described", [False, True])
def test_a_plan_that_sends_from_an_address_that_has_no_way_there_is_refused_before_it_starts(
    folder, described
):
    with hospital() as server:
        target = server.target()
        made = plan(target, duration_s=500.0 if described else 2.0)
        assert made.sources == (target.refused_source,)
        write_plan(made, folder)
    secrets = json.dumps({"full": {"bearer": "a"}, "narrow": {"bearer": "b"}})
    (folder / "secrets.json").write_text(secrets)
    orders_by_hand(played(folder), 0, "http://localhost:8080/fhir")
    with pytest.raises(LoadError, match=r"sends from 127\.0\.0\.9 to http://192\.0\.2\.1:8080/fhir"):
        orders_by_hand(played(folder), 0, elsewhere(made).base_url)
    write_plan(plan(replace(target, refused_source=None)), folder)
    orders_by_hand(played(folder), 0, elsewhere(made).base_url)


def test_in_containers_everything_runs_as_who_wrote_the_plan():
    with hospital() as server:
        made = plan(server.target(), workers=2)
    services = compose(made, "1234:100")["services"]
    assert {one["user"] for one in services.values()} == {"1234:100"}  # the secrets are for their owner only
    assert [name for name, one in services.items() if one.get("secrets")] == ["worker"]


def test_the_image_is_built_from_a_wheel_or_a_name_and_of_no_other_file():
    wheel = build_files("laboratory-1.0-py3-none-any.whl")
    assert wheel["Dockerfile"].splitlines()[1:] == [
        "USER root",
        "COPY laboratory-1.0-py3-none-any.whl /opt/wheels/",
        "RUN pip install --no-cache-dir /opt/wheels/laboratory-1.0-py3-none-any.whl",
        "USER locust",
    ]
    assert wheel[".dockerignore"] == "*\n!laboratory-1.0-py3-none-any.whl\n"
    named = build_files("laboratory==1.0")
    assert "RUN pip install --no-cache-dir laboratory==1.0\n" in named["Dockerfile"]
    assert "COPY" not in named["Dockerfile"]
    assert named[".dockerignore"] == "*\n"


def test_a_pod_that_may_not_write_where_it_works_records_elsewhere(folder, tmp_path):
    with hospital() as server:
        write_plan(plan(server.target(), workers=2), folder)
    elsewhere = tmp_path / "pod" / "results"
    orders = orders_by_hand(played(folder) | {"LAB_LOAD_RESULTS": str(elsewhere)}, 1, None)
    assert orders.samples == str(elsewhere / "samples-2.jsonl")
    assert elsewhere.is_dir()
    taken = tmp_path / "taken"
    taken.write_text("")
    with pytest.raises(LoadError, match="cannot be written to"):
        orders_by_hand(played(folder) | {"LAB_LOAD_RESULTS": str(taken)}, 1, None)


def test_results_that_came_back_from_containers_are_judged_beside_their_plan(folder):
    with hospital() as server:
        made = without_tokens(plan(server.target(), workers=1))
        write_plan(made, folder)
    results = folder / "results"
    results.mkdir()
    with (results / "samples.jsonl").open("wb") as file:
        recorder = Recorder(file)
        for arrival in made.arrivals:
            recorder.depart(intended=arrival.at, real=arrival.at)
            outcome = "refusal" if arrival.expect.refusal else "ok"
            recorder.sample(
                Key(int(arrival.at), arrival.route, 200, outcome, ""), intended_s=0.01, service_s=0.01
            )
        recorder.flush(at=made.duration_s, complete=True)
    assert recheck(folder).requests == len(made.arrivals)
