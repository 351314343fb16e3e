"""``lab load scale`` and ``lab load compare`` as a user runs them, on an application that is filled."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lab.certification.growable import refusal
from lab.load.error import LoadError
from lab.manifest import read_manifest
from lab.scaling.plan import ScalePlan

APPLICATION = Path(__file__).with_name("growing_application.py")
MANIFEST = """
[application]
vendor = "Oracle"
name = "Growing"
version = "1"
roles = ["server"]
{start}
[server]
base_url = "http://127.0.0.1:{{port}}/fhir"
read_only = false
{seed}
[[server.identities]]
name = "full"
issuer = "nobody"
"""
START = """
[start]
command = ["{{python}}", "{application}", "{{port}}", "{law}"{store}]
directory = "."
ready_url = "http://127.0.0.1:{{port}}/fhir/metadata"
"""
SMALL = ("--sizes", "20,30,40", "--concurrency", "1,2", "--repetitions", "3", "--cell", "0.05")


def manifest(folder, law="flat", *, store="", start=True, seed=True, fixed=False):
    """Write the manifest of the growing application and return its path."""
    shared = f', "{folder / store}"' if store else ""
    starts = (
        START.format(application=APPLICATION, law=law, store=shared).replace("{{", "{").replace("}}", "}")
    )
    path = folder / f"{law}.toml"
    text = MANIFEST.format(start=starts if start else "", seed="seed_patients = 1" if seed else "")
    path.write_text(
        text.replace(':{port}/fhir"\nread', ':9/fhir"\nread') if fixed else text, encoding="utf-8"
    )
    return path


def document(folder):
    """Return the run document of the only run in a folder."""
    (path,) = folder.glob("*/run.json")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def run(lab, tmp_path_factory):
    """One run; on a busy machine its verdict is that the machine was busy."""
    folder = tmp_path_factory.mktemp("runs")
    path = manifest(folder)
    done = lab("load", "scale", path, *SMALL, "--most-repetitions", "3", "--out", folder / "runs")
    assert done.returncode in {0, 5}, done.stdout + done.stderr
    return next((folder / "runs").glob("*/run.json")).parent


@pytest.mark.slow
def test_a_run_folder_says_what_was_measured(run):
    (result,) = document(run.parent)["scaling"]
    assert result["sizes"] == result["held"] == [20, 30, 40]
    assert {one["name"] for one in result["interactions"]} == {"read", "search", "poll", "chart"}
    assert result["counted"] + result["disturbed"] == 3 * (4 * 3 + 4)
    assert 'id="scaling"' in (run / "report.html").read_text(encoding="utf-8")
    assert "secret" not in (run / "scaling" / "plan.json").read_text(encoding="utf-8")


@pytest.mark.slow
def test_what_is_on_file_gives_the_same_again(lab, run):
    again = lab("recheck", run)
    assert again.returncode == 0, again.stdout + again.stderr
    cells = run / "scaling" / "cells.jsonl"
    kept = cells.read_bytes()
    lines = kept.splitlines(keepends=True)
    cells.write_bytes(b"".join(lines[: len(lines) // 2]))
    changed = lab("recheck", run)
    cells.write_bytes(kept)
    assert changed.returncode == 1
    assert "scaling: repetitions is not what the cells on file give" in changed.stdout


@pytest.mark.slow
def test_what_was_not_asked_the_same_is_not_compared(lab, run, tmp_path):
    other = tmp_path / "other" / "scaling"
    other.mkdir(parents=True)
    for file in (run / "scaling").glob("*.json*"):
        content = file.read_bytes().replace(b'"seed":2023', b'"seed":7')
        (other / file.name).write_bytes(content)
    refused = lab("load", "compare", run, other.parent)
    assert refused.returncode == 2
    assert "seed 2023 and 7" in refused.stderr
    empty = lab("load", "compare", run, tmp_path)
    assert empty.returncode == 2
    assert "holds no measurement" in " ".join(empty.stderr.split())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"start": False, "seed": False}, "give it a [start] section"),
        ({"seed": False}, "server.seed_patients"),
        ({"fixed": True, "seed": False}, "with {port} in server.base_url"),
    ],
)
def test_an_application_that_has_no_sizes_is_refused(tmp_path, changes, said):
    assert said in refusal(read_manifest(manifest(tmp_path, **changes)))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"sizes": (20, 40)}, "at least 3 whole numbers"),
        ({"sizes": (80, 40, 20)}, "that rise"),
        ({"repetitions": 1}, "Repetitions are 3 or more"),
        ({"concurrencies": (0, 1)}, "Concurrencies are whole numbers above 0"),
        ({"concurrencies": (1, 5000)}, "256 at most"),
    ],
)
def test_sweeps_that_would_say_nothing_are_refused(asked, said):
    with pytest.raises(LoadError, match=said):
        ScalePlan(**asked)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--sizes", "many"), "--sizes is whole numbers"),
        (("--at-most", "indeterminate"), "--at-most is one of"),
    ],
)
def test_a_refusal_starts_nothing(lab, tmp_path, asked, said):
    refused = lab("load", "scale", manifest(tmp_path), *asked, "--out", tmp_path / "runs")
    assert refused.returncode == 2
    assert said in " ".join(refused.stderr.split())
    assert not (tmp_path / "runs").exists()


@pytest.mark.slow
def test_instances_that_share_their_data_are_no_sizes(lab, tmp_path):
    path = manifest(tmp_path, store="patients.txt")
    done = lab("load", "scale", path, *SMALL, "--out", tmp_path / "runs")
    assert done.returncode == 5, done.stdout
    assert "share their data" in document(tmp_path / "runs")["verdict"]["reason"]["en"]


@pytest.mark.slow
def test_an_interruption_keeps_what_was_measured(tmp_path):
    command = [sys.executable, "-c", "from lab.cli import main; main()", "load", "scale"]
    child = subprocess.Popen(
        [*command, manifest(tmp_path), *SMALL, "--repetitions", "200", "--out", tmp_path / "runs"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            cells = [path.read_bytes().count(b"\n") for path in tmp_path.glob("runs/*/scaling/cells.jsonl")]
            if cells and cells[0] > 60:
                break
            time.sleep(0.2)
        child.send_signal(signal.SIGINT)
        assert child.wait(60) == 5
    finally:
        child.kill()
        child.wait()
    run = document(tmp_path / "runs")
    assert run["verdict"]["status"] == "incomplete"
    assert run["verdict"]["reason"]["en"].startswith("Interrupted on request")
    assert run["scaling"][0]["repetitions"] >= 1
