"""An application that ends by itself is not waited for, and the reader is told; one that hands over is."""

import http.server
import subprocess
import sys
import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from lab.certification.application import Running
from lab.certification.session import Nobody
from lab.certification.watching import watch
from lab.model.target import ClientRole, Start

CLIENT = ClientRole("app", "system/Patient.rs", {}, watch_s=3.0)


@pytest.fixture
def answering():
    """An address where somebody answers."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def watched(tmp_path, code, ready_url):
    """Watch a program of one line; return what is said of it, and how long that took."""
    process = subprocess.Popen([sys.executable, "-c", code])
    hospital = SimpleNamespace(acts_complete=threading.Event())
    application = Running(Start((), str(tmp_path), ready_url), {}, tmp_path / "log", process)
    begun = time.monotonic()
    try:
        return watch(CLIENT, hospital, Nobody(), ("throttled",), application), time.monotonic() - begun
    finally:
        process.kill()
        process.wait()


def test_one_that_ends_is_not_waited_for(tmp_path):
    (note,), took = watched(tmp_path, "raise SystemExit(3)", "http://127.0.0.1:9/")
    assert "ended by itself (code 3)" in note
    assert took < CLIENT.watch_s


def test_one_that_goes_on_is_watched_to_the_end(tmp_path):
    (note,), took = watched(tmp_path, "import time; time.sleep(60)", "http://127.0.0.1:9/")
    assert "before every act was played" in note
    assert took >= CLIENT.watch_s


def test_one_that_started_another_is_watched_to_the_end(tmp_path, answering):
    (note,), _ = watched(tmp_path, "pass", answering)
    assert "before every act was played" in note


def test_the_last_act_is_followed_by_three_intervals(tmp_path):
    client = replace(CLIENT, poll_interval_s=0.5, watch_s=30.0)
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    hospital = SimpleNamespace(acts_complete=threading.Event())
    application = Running(Start((), str(tmp_path), "http://127.0.0.1:9/"), {}, tmp_path / "log", process)
    last = threading.Timer(1.0, hospital.acts_complete.set)
    last.start()
    begun = time.monotonic()
    try:
        assert watch(client, hospital, Nobody(), ("throttled",), application) == []
    finally:
        process.kill()
        process.wait()
    # The last look without the end of the acts was at most 0.2 s before it, in a run that is not held up.
    assert 1.0 + 3 * 0.5 - 0.4 < time.monotonic() - begun < client.watch_s
