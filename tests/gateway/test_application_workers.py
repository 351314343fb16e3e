"""Several worker processes share tokens, jti values, rates and revocations; a dead one stops nothing."""

import os
import signal
import ssl
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx
import pytest
from application_bench import application, ask, ask_token, platform, read, signed

from lab.authserver.rate_limit import Rate
from lab.journal.journal import of_worker, read_journal
from lab.sandbox.stack import SandboxError

WORKERS = 3
CONTEXT = ssl.create_default_context()
"""Made once: it costs more than the requests."""
REPEATED = ("first", "second", "third")
"""One application a time: the repeated assertions of one would make its own next ones wait."""
CLIENTS = ("app", "revoked", "disabled", "paging", *REPEATED)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workers")
    clients = (*map(application, CLIENTS), application("hasty", rate=Rate(0.05, 12)))
    with platform(folder, *clients, workers=WORKERS, state=str(folder / "state.db")) as (stack, plan):
        assert len(stack.processes) == WORKERS
        yield stack, plan


def fresh(request):
    """Send on a new connection, which goes to whichever worker takes it."""
    with httpx.Client(trust_env=False, timeout=20, verify=CONTEXT) as http:
        return request(http)


def together(count, request):
    with ThreadPoolExecutor(12) as pool:
        return list(pool.map(lambda _: fresh(request), range(count)))


def all_read(at, token, count=12):
    """Return the statuses that readers on new connections get."""
    return {one.status_code for one in together(count, lambda http: read(http, at, token))}


def take(at, client_id, **more):
    """Return a token."""
    return fresh(lambda http: ask_token(http, at, client_id, **more)).json()["access_token"]


def journaled(plan):
    """Return how many exchanges each worker has journaled."""
    files = [of_worker(Path(plan.journal), number) for number in range(1, WORKERS + 1)]
    return [len(file.read_text().splitlines()) for file in files]


def test_a_token_of_one_worker_opens_at_all_of_them(running):
    stack, plan = running
    token = take(stack.addresses, "app")
    deadline = time.monotonic() + 30
    before = journaled(plan)
    while time.monotonic() < deadline:
        assert all_read(stack.addresses, token, 24) == {200}
        if all(now > then for now, then in zip(journaled(plan), before, strict=True)):
            break
    else:
        pytest.fail("not every worker was reached")


@pytest.mark.parametrize("client", REPEATED)
def test_an_assertion_serves_once_among_all_workers(running, client):
    stack, _ = running
    said = signed(client, stack.addresses.token_url, jti="again")
    answers = together(24, lambda http: ask_token(http, stack.addresses, client, client_assertion=said))
    assert Counter(one.status_code for one in answers) == {200: 1, 401: 23}


def test_a_revoked_token_is_dead_at_every_worker_on_the_next_request(running):
    stack, _ = running
    at = stack.addresses
    url = at.token_url.removesuffix("token") + "revoke"
    for token in [take(at, "revoked") for _ in range(5)]:
        assert all_read(at, token) == {200}
        assert fresh(partial(ask, url=url, client_id="revoked", token=token)).status_code == 200
        assert all_read(at, token) == {401}


def test_the_command_disables_an_application_at_every_worker(running):
    stack, plan = running
    at = stack.addresses
    token = take(at, "disabled")

    def lab(*arguments):
        command = [sys.executable, "-c", "from lab.cli import main; main()", "sandbox", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert all_read(at, token) == {200}
    done = lab("revoke", plan.state, "disabled")
    assert done.returncode == 0, done.stderr
    assert all_read(at, token) == {401}
    assert fresh(lambda http: ask_token(http, at, "disabled")).status_code == 401
    assert lab("admit", plan.state, "disabled").returncode == 0
    assert {one.status_code for one in together(12, lambda http: ask_token(http, at, "disabled"))} == {200}
    assert all_read(at, token) == {401}
    unknown = lab("revoke", plan.state, "nobody")
    assert (unknown.returncode, "disabled" in unknown.stderr) == (2, True)
    absent = lab("revoke", plan.state + "-absent", "app")
    assert (absent.returncode, "Traceback" in absent.stderr) == (2, False)
    assert not Path(plan.state + "-absent").exists()


def test_a_rate_is_counted_by_all_workers_together(running):
    stack, _ = running
    at = stack.addresses
    token = take(at, "hasty")
    other = take(at, "app")
    answers = together(40, lambda http: read(http, at, token))
    served = Counter(one.status_code for one in answers)
    assert served[200] in {12, 13}  # 13 when the forty took more than the twenty seconds of one more
    assert served[200] + served[429] == 40
    slowed = [one for one in answers if one.status_code == 429]
    assert len({one.content for one in slowed}) == 1
    assert all(1 <= int(one.headers["retry-after"]) <= 20 for one in slowed)
    assert all_read(at, other) == {200}


def test_pages_go_on_at_another_worker(running):
    stack, _ = running
    token = take(stack.addresses, "paging")
    page = fresh(lambda http: read(http, stack.addresses, token, "Patient?_count=2")).json()
    ids = [entry["resource"]["id"] for entry in page["entry"]]
    while following := next((link["url"] for link in page["link"] if link["relation"] == "next"), ""):
        path = following.removeprefix(f"{stack.addresses.fhir_base_url}/")
        page = fresh(partial(read, addresses=stack.addresses, token=token, path=path)).json()
        ids += [entry["resource"]["id"] for entry in page["entry"]]
    assert len(ids) == len(set(ids)) == 20


def test_several_workers_need_a_state_file(tmp_path):
    with pytest.raises(SandboxError, match="state file"), platform(tmp_path, application("app"), workers=2):
        pytest.fail("the sandbox should not start")


@pytest.mark.parametrize("which", [1, 0])  # the one that filled the hospital, too
def test_a_killed_worker_stops_nothing(tmp_path, which):
    state = str(tmp_path / "state.db")
    with platform(tmp_path, application("app"), workers=WORKERS, state=state) as (stack, plan):
        at = stack.addresses
        token = take(at, "app")
        together(24, lambda http: read(http, at, token))
        os.kill(stack.processes[which], signal.SIGKILL)
        deadline = time.monotonic() + 5
        while len(stack.processes) == WORKERS and time.monotonic() < deadline:
            pass
        assert len(stack.processes) == WORKERS - 1
        assert stack.alive
        assert all_read(at, token, 24) == {200}
        assert {one.status_code for one in together(12, lambda http: ask_token(http, at, "app"))} == {200}
        told = list(read_journal(Path(plan.journal)))
        assert [one.t for one in told] == sorted(one.t for one in told)
        assert len({one.id for one in told}) == len(told) >= 48


def test_when_the_state_is_taken_away_every_worker_refuses(tmp_path):
    state = tmp_path / "state.db"
    with platform(tmp_path, application("app"), workers=2, state=str(state)) as (stack, _):
        at = stack.addresses
        token = take(at, "app")
        assert fresh(lambda http: read(http, at, token)).status_code == 200
        state.unlink()
        removed = time.monotonic()
        seen = {200}
        while 200 in seen and time.monotonic() < removed + 5:
            seen = all_read(at, token)
        assert seen == {503}
        assert {one.status_code for one in together(12, lambda http: ask_token(http, at, "app"))} == {503}
