"""The application meets impostors beside everything else: what it does is written, an early end is one."""

import os
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from lab.certification import impostors
from lab.certification.folder import RunFolder
from lab.certification.impostors import Encounters, meeting_impostors
from lab.certification.instance import Surroundings
from lab.checking.keys import new_key
from lab.journal.journal import read_journal
from lab.model.target import ClientRole, Start, SystemUnderTest
from lab.model.words import Role
from lab.sandbox.plan import Addresses

PROGRAM = """
import json, os, sys, time, urllib.error, urllib.request
open(sys.argv[2], "w").write(str(os.getpid()))
ask = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
said = json.load(ask(sys.argv[1] + "/.well-known/smart-configuration"))
for _ in range(int(sys.argv[3])):
    try:
        ask(said["token_endpoint"], b"grant_type=client_credentials")
    except urllib.error.HTTPError as error:
        print(error.read().decode(), flush=True)
time.sleep(600)
"""
KEY = new_key("application")
PATIENCE_S = 120.0
"""What a run that ends does not wait for."""


def met(stack, tmp_path, tries, checks=("CLI-AUT-08",)):
    """Begin the meetings of an application that asks for a token so often; return what to wait for."""
    command = (sys.executable, "-c", PROGRAM, "{fhir_base_url}", str(tmp_path / "pid"), str(tries))
    start = Start(command, str(tmp_path), "http://127.0.0.1:9/")
    client = ClientRole("app", "system/Patient.rs", {})
    subject = SystemUnderTest("v", "app", "1", (Role.CLIENT,), ".", "", start=start, client=client)
    at = Addresses(*["http://127.0.0.1:9"] * 5, "key", 0, time.monotonic(), {}, 0)
    around = Surroundings(at, KEY, KEY, 1)
    return meeting_impostors(stack, subject, around, tmp_path / "i", RunFolder(tmp_path), "00" * 32, checks)


def places(tmp_path):
    return [one.facts["refusing"] for one in read_journal(RunFolder(tmp_path).impostors_journal)]


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_one_that_insists_is_written_down_and_stopped(tmp_path):
    with ExitStack() as stack:
        met(stack, tmp_path, 4).result(60)
        assert places(tmp_path) == ["configuration", *["token"] * 4, "end"]
        assert not is_running(int((tmp_path / "pid").read_text()))
    end = list(read_journal(RunFolder(tmp_path).impostors_journal))[-1]
    assert end.id == "I-000006"
    assert end.facts["named"] >= 3  # the last refusal may not be read yet when the impostor leaves


def test_a_run_that_ends_early_waits_for_nobody(tmp_path, monkeypatch):
    monkeypatch.setattr(impostors, "_REFUSED_S", PATIENCE_S)
    with ExitStack() as stack:
        meeting = met(stack, tmp_path, 1)
        deadline = time.monotonic() + 60
        while "token" not in (RunFolder(tmp_path).impostors_journal.read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert not meeting.done()
    assert meeting.done()
    assert meeting.exception() is None
    assert not is_running(int((tmp_path / "pid").read_text()))
    refused, end = list(read_journal(RunFolder(tmp_path).impostors_journal))[-2:]
    assert end.t - refused.t < PATIENCE_S


def test_nobody_is_met_where_no_check_asks_for_it(tmp_path):
    with ExitStack() as stack:
        assert met(stack, tmp_path, 1, checks=("CLI-ERR-01",)) is None
    assert not Path(RunFolder(tmp_path).impostors_journal).exists()


def test_what_comes_is_told_from_what_is_over():
    come, over = threading.Event(), threading.Event()
    encounters = Encounters(None, None, 0.0, over)
    assert not encounters.wait(come, 0.0)
    come.set()
    assert encounters.wait(come, 3600.0)
    over.set()
    assert not encounters.wait(threading.Event(), 3600.0)
