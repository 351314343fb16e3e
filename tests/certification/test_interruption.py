"""Ctrl-C, at any moment: what was recorded is kept and judged incomplete, every process is stopped."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def children(pid: int) -> set[int]:
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            status = (process / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(status[1]) == pid:
            found |= {int(process.name)} | children(int(process.name))
    return found


def alive(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition, seconds=300):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    pytest.fail("the condition never held")


@pytest.mark.parametrize(
    "moment", ["journal/hospital.jsonl", "journal/laboratory.jsonl", "load/samples.jsonl"]
)
def test_an_interruption_keeps_what_was_seen_and_leaves_no_process(started_lab, tmp_path, moment):
    process = started_lab("demo", "--out", str(tmp_path), "--patients", "400")  # enough for every act
    wait_for(lambda: any(path.stat().st_size > 500 for path in tmp_path.glob(f"*/{moment}")))
    started = children(process.pid)
    assert started
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(30) == 5
    (folder,) = tmp_path.iterdir()
    document = json.loads((folder / "run.json").read_text())
    assert document["verdict"]["status"] == "incomplete"
    assert (folder / "report.html").exists()
    wait_for(lambda: not any(alive(pid) for pid in started), 10)
    if moment.startswith("load"):
        assert document["reported"] == document["planned"]


def test_a_sandbox_whose_parent_is_killed_ends_by_itself(started_lab):
    process = started_lab("sandbox", "up", "--json", "--patients", "20", stdout=subprocess.PIPE)
    addresses = json.loads(process.stdout.readline())
    assert addresses["fhir_base_url"].startswith("http://127.0.0.1:")
    started = children(process.pid)
    process.kill()
    process.communicate()
    wait_for(lambda: not any(alive(pid) for pid in started), 15)
