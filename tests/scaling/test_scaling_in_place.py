"""An application that runs already is grown where it is, measured at each size, and left as it was found."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest
from test_scaling_command import APPLICATION, SMALL, document, manifest

from lab.certification.filling import KINDS
from lab.certification.growable import grows_in_place, refusal
from lab.certification.growing_in_place import part
from lab.manifest import read_manifest
from lab.model.words import Growth
from lab.scaling.doubt import of_sizes
from lab.scaling.plan import FIRST, ScalePlan
from synthetic_data import HospitalPlan, generate

FEW = HospitalPlan(seed=2023, patients=40)
REACHED_S = 30


@contextmanager
def running(law):
    """Run the growing application; give its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, APPLICATION, str(port), law])
    try:
        deadline = time.monotonic() + REACHED_S
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        process.kill()
        process.wait()


def of_running(folder, law, port):
    """Write the manifest of an application that runs at a port."""
    path = manifest(folder, law, start=False)
    path.write_text(path.read_text(encoding="utf-8").replace("{port}", str(port)), encoding="utf-8")
    return path


def patients(port):
    url = f"http://127.0.0.1:{port}/fhir/Patient?_summary=count"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)["total"]


def ids(resources):
    return [f"{one['resourceType']}/{one['id']}" for one in resources]


def test_parts_are_the_whole_and_each_stands_on_those_before():
    whole = list(generate(FEW, KINDS - {"Group"}))
    parts = [list(part(iter(whole), after=after, upto=upto)) for after, upto in ((0, 10), (10, 25), (25, 40))]
    assert sorted(id_ for one in parts for id_ in ids(one)) == sorted(ids(whole))
    assert [sum(id_.startswith("Patient/") for id_ in ids(one)) for one in parts] == [10, 15, 15]
    held = set()
    for one in parts:
        held |= set(ids(one))
        named = {word for word in json.dumps(one).split('"') if word.startswith(("Patient/", "Encounter/"))}
        assert named <= held


def test_what_is_measured_at_a_size_is_all_that_the_plan_has_of_it():
    plan = ScalePlan(sizes=(20, 30, 40), concurrencies=(1, 2))
    played = [cell for size in plan.sizes for cell in plan.order_at(size, 1) if cell.size]
    assert sorted(played, key=str) == sorted(plan.cells, key=str)
    assert plan.order_at(40, 1) != plan.order_at(40, 2)


def test_only_an_application_that_lets_itself_be_filled_grows_in_place(tmp_path):
    asked = {"start": False}, {"fixed": True}
    for changes in asked:
        subject = read_manifest(manifest(tmp_path, **changes))
        assert grows_in_place(subject)
        assert refusal(subject) is None
        assert refusal(read_manifest(manifest(tmp_path, **changes, seed=False))) is not None
    assert not grows_in_place(read_manifest(manifest(tmp_path)))


def test_an_application_that_held_much_before_did_not_grow():
    for held in ((9_020,), (31, 41, 51)):
        reason = of_sizes((20, 30, 40), held, in_place=True)
        assert "what it held before outweighs what is added" in reason.en
    assert "did not keep" in of_sizes((20, 30, 40), (20, 20), in_place=True).en
    assert of_sizes((20, 30, 40), (20,), in_place=True) is None
    assert of_sizes((20, 30, 40), (25, 35, 45), in_place=True) is None


@pytest.mark.slow
def test_it_is_measured_at_each_size_and_left_empty(lab, tmp_path):
    with running("square") as port:
        path = of_running(tmp_path, "square", port)
        done = lab(
            "load", "scale", path, *SMALL, "--most-repetitions", "3", "--out", tmp_path / "runs", timeout=300
        )
        assert patients(port) == 0
    assert done.returncode in {0, 1, 5}, done.stdout + done.stderr  # 5: the machine was busy
    (result,) = document(tmp_path / "runs")["scaling"]
    assert (result["sizes"], result["held"]) == ([20, 30, 40], [20, 30, 40])
    assert result["interleaved"] is False
    assert {one["name"] for one in result["interactions"]} == {"read", "search", "poll", "chart", FIRST}
    assert result["counted"] + result["disturbed"] == 3 * (5 * 3 + 5)
    assert "grew in place" in done.stdout
    classes = {one["name"]: one["law"]["least"] for one in result["interactions"] if one["law"]}
    assert classes.get("search", Growth.SUPER_LINEAR) in {Growth.SUPER_LINEAR, Growth.EXPONENTIAL}
    (folder,) = (tmp_path / "runs").iterdir()
    assert "grew in place" in (folder / "report.html").read_text(encoding="utf-8")
    again = lab("recheck", folder)
    assert again.returncode == 0, again.stdout + again.stderr


@pytest.mark.slow
def test_an_interruption_leaves_it_empty_too(started_lab, tmp_path):
    with running("flat") as port:
        path = of_running(tmp_path, "flat", port)
        asked = (*SMALL[:4], "--repetitions", "200", "--most-repetitions", "200", "--cell", "0.05")
        child = started_lab(
            "load", "scale", path, *asked, "--out", tmp_path / "runs", stdout=subprocess.DEVNULL
        )
        try:
            deadline = time.monotonic() + 120
            while time.monotonic() < deadline and not list(tmp_path.glob("runs/*/scaling/cells.jsonl")):
                time.sleep(0.1)
            child.send_signal(signal.SIGINT)
            code = child.wait(timeout=120)
        finally:
            child.kill()
        assert patients(port) == 0
    assert code == 5
    assert document(tmp_path / "runs")["verdict"]["status"] == "incomplete"
