"""What processes use is measured on real ones, their children included, and read back as it was written."""

import os
import signal
import subprocess
import sys
import time

import pytest

from lab.load.usage import Meter, read_usage

PARENT = """
import subprocess, sys
child = "x = bytearray(64 * 2**20)\\nwhile True: pass"
subprocess.run([sys.executable, "-c", child])
"""


@pytest.fixture
def busy():
    """Start a process that does nothing but wait for a child, which is busy and holds 64 MB."""
    process = subprocess.Popen([sys.executable, "-c", PARENT], start_new_session=True)
    yield process
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_a_process_is_measured_with_what_it_started(busy, tmp_path):
    meter = Meter({"application": busy.pid}, tmp_path / "u.jsonl")
    deadline = time.monotonic() + 30
    found = ()
    while (
        not any(one.cpu > 0.02 and one.memory > 64 * 2**20 for one in found) and time.monotonic() < deadline
    ):
        time.sleep(1.05)
        meter.measure(12.5)
        found = read_usage(tmp_path / "u.jsonl")
    assert found[-1].name == "application"
    assert found[-1].t == 12.5
    assert found[-1].memory > 64 * 2**20
    assert 0.02 < found[-1].cpu < 3


def test_the_first_look_and_one_too_soon_say_nothing(busy, tmp_path):
    meter = Meter({"application": busy.pid}, tmp_path / "u.jsonl")
    meter.measure(0)
    meter.measure(0.1)
    assert read_usage(tmp_path / "u.jsonl") == ()


def test_a_process_that_is_gone_is_left_out(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    meter = Meter({"application": gone.pid}, tmp_path / "u.jsonl")
    meter.measure(0)
    time.sleep(1.05)
    meter.measure(1)
    assert read_usage(tmp_path / "u.jsonl") == ()


def test_a_line_that_was_cut_is_not_read(tmp_path):
    file = tmp_path / "u.jsonl"
    file.write_bytes(b'{"t":1.0,"name":"application","cpu":0.5,"memory":7}\n{"t":2.0,"na')
    (one,) = read_usage(file)
    assert (one.t, one.cpu, one.memory) == (1.0, 0.5, 7)


def test_nothing_measured_is_nothing(tmp_path):
    assert read_usage(tmp_path / "none.jsonl") == ()
