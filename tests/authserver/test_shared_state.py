"""Tokens, jti values and standing that several processes share, and what happens when the file fails."""

import sqlite3
import subprocess
import sys
import time

import pytest
from assertion_bench import registration

from lab.authserver import revocation
from lab.authserver.registry import Registry
from lab.authserver.revocation import UnknownApplicationError
from lab.authserver.state import State, StateUnavailableError
from lab.authserver.tokens import Tokens
from lab.authserver.used_ids import UsedIds
from lab.fhir.scopes import parse_scopes

SCOPES = parse_scopes("system/Observation.rs system/Patient.cruds")
RACER = """
import sys
from pathlib import Path
from lab.authserver.state import State
from lab.authserver.used_ids import UsedIds
used = UsedIds(lambda: 1000.0, State(Path(sys.argv[1])))
sys.stdin.readline()
print("".join("1" if used.take("app", str(n), 2000.0) else "0" for n in range(200)))
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


def test_a_token_of_one_process_opens_at_another(path):
    ours, theirs = Tokens(state=State(path)), Tokens(state=State(path))
    token = ours.issue("app", SCOPES, probing=True, certificate="thumb")
    grant = theirs.grant(token)
    assert grant == ours.grant(token)
    assert (grant.client_id, grant.scopes, grant.probing, grant.certificate) == ("app", SCOPES, True, "thumb")
    assert theirs.grant(f"{token}x") is None


@pytest.mark.parametrize("seen_before", [True, False])
def test_a_token_revoked_by_one_process_is_dead_at_the_next_look_of_another(path, seen_before):
    ours, theirs = Tokens(state=State(path)), Tokens(state=State(path))
    one, two = ours.issue("app", SCOPES), ours.issue("app", SCOPES)
    other = ours.issue("other", SCOPES)
    if seen_before:
        assert all(theirs.grant(token) for token in (one, two, other))
    ours.revoke_one(one, "other")
    assert theirs.grant(one)
    ours.revoke_one(one, "app")
    assert theirs.grant(one) is None
    assert theirs.grant(two)
    ours.revoke("app")
    assert theirs.grant(two) is None
    assert theirs.grant(other)


def test_a_token_expires_at_every_process(path):
    now = [1000.0]
    ours, theirs = Tokens(lambda: now[0], 300, State(path)), Tokens(lambda: now[0], 300, State(path))
    token = ours.issue("app", SCOPES)
    assert theirs.grant(token)
    now[0] = 1300.0
    assert theirs.grant(token) is None
    assert Tokens(lambda: now[0], 300, State(path)).grant(token) is None


def test_the_file_holds_no_token_and_no_jti(path):
    state = State(path)  # as long as it is open, so is its log
    token = Tokens(state=state).issue("app", SCOPES)
    assert UsedIds(state=state).take("app", "the-jti-of-a-day", time.time() + 60)
    files = [part for part in path.parent.iterdir() if part.name.startswith("state.db")]
    assert len(files) > 1  # its log is read too
    for file in files:
        assert token.encode() not in file.read_bytes()
        assert b"the-jti-of-a-day" not in file.read_bytes()
    state.close()


def test_of_racing_processes_one_takes_each_jti(path):
    State(path).close()
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(4)
    ]
    for racer in racers:
        racer.stdin.write(b"go\n")
        racer.stdin.flush()
    taken = [racer.communicate(timeout=60)[0].decode().strip() for racer in racers]
    assert [sum(int(one[n]) for one in taken) for n in range(200)] == [1] * 200


def test_an_application_disabled_by_one_process_is_unknown_to_another(path):
    ours, theirs = (Registry([registration(), registration("other")], State(path)) for _ in range(2))
    assert theirs.get("app")
    assert len(theirs.policies()) == 2
    ours.disable("app")
    assert theirs.get("app") is None
    assert len(theirs.policies()) == 1
    assert Registry([registration()], State(path)).get("app") is None  # a restart changes nothing
    ours.enable("app")
    assert theirs.get("app")


def test_the_command_ends_tokens_and_access(path):
    known, tokens = Registry([registration()], State(path)), Tokens(state=State(path))
    token = tokens.issue("app", SCOPES)
    outside = State(path, create=False)
    with pytest.raises(UnknownApplicationError) as refused:
        revocation.revoke(outside, "nobody")
    assert refused.value.known == ("app",)
    revocation.revoke(outside, "app", only_tokens=True)
    assert tokens.grant(token) is None
    assert known.get("app")
    revocation.revoke(outside, "app")
    assert known.get("app") is None
    revocation.admit(outside, "app")
    assert known.get("app")


def test_a_lookup_of_a_shared_token_is_cheap(path):
    tokens = Tokens(state=State(path))
    token = tokens.issue("app", SCOPES)
    begun = time.perf_counter()
    for _ in range(1000):
        assert tokens.grant(token)
    assert (time.perf_counter() - begun) / 1000 < 0.0005  # measured near 10 µs


@pytest.mark.parametrize("damage", ["taken away", "replaced"])
def test_without_its_file_nobody_is_let_in(path, damage):
    tokens, known = Tokens(state=State(path)), Registry([registration()], State(path))
    token = tokens.issue("app", SCOPES)
    assert tokens.grant(token)
    path.rename(path.with_name("elsewhere"))
    if damage == "replaced":
        State(path).close()
    deadline = time.monotonic() + 5
    refused = set()
    while len(refused) < 2 and time.monotonic() < deadline:
        for name, look in (("token", lambda: tokens.grant(token)), ("registry", lambda: known.get("app"))):
            try:
                look()
            except StateUnavailableError:
                refused.add(name)
    assert refused == {"token", "registry"}
    with pytest.raises(StateUnavailableError):
        known.networks()


def test_a_file_that_is_damaged_refuses(path):
    tokens = Tokens(state=State(path))
    tokens.issue("app", SCOPES)
    with sqlite3.connect(path) as vandal:
        vandal.execute("drop table token")
    vandal.close()
    with pytest.raises(StateUnavailableError):
        tokens.grant("anything")
    with pytest.raises(StateUnavailableError):
        tokens.issue("app", SCOPES)


def test_a_row_that_somebody_wrote_in_opens_nothing(path):
    tokens = Tokens(state=State(path))
    token = tokens.issue("app", SCOPES)
    with sqlite3.connect(path) as vandal:
        vandal.execute("update token set scopes = 'everything'")
    vandal.close()
    assert tokens.grant(token) is None


@pytest.mark.parametrize("content", [b"no database at all" * 200, None])
def test_what_is_no_state_is_refused_when_it_is_opened(tmp_path, content):
    path = tmp_path / "state.db"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StateUnavailableError):
        State(path, create=False)
    assert path.exists() == (content is not None)


def test_the_file_is_for_its_owner_alone(path):
    State(path).close()
    assert path.stat().st_mode & 0o077 == 0
