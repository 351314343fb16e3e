"""``lab load pull``: the example keeps up; a puller of little capacity is found out; mistakes are told."""

import json
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest
from pulling_scene import COHORT, PULLER, SCOPES

from lab.certification.certify import Options, certify
from lab.certification.folder import RunFolder
from lab.certification.pulling import Pull
from lab.certification.recheck import differences
from lab.cli.load_pull import pulls_only
from lab.cli.pull_options import of_profile
from lab.fhir.permission_form import permission
from lab.manifest import read_manifest
from lab.model.words import Suite

CHECKOUT = Path(__file__).parents[2]
TRIES = 3
EXAMPLE = "examples/tableau_urgences/tableau_urgences.toml"

MANIFEST = """
[application]
vendor = "Laboratory"
name = "Puller"
version = "1.0.0"
roles = ["client"]

[start]
command = ["{python}", "start.py", "{fhir_base_url}", "{token_url}", "{key_file}", "{port}"]
directory = "."
ready_url = "http://127.0.0.1:{port}/"

[client]
client_id = "puller"
scopes = "SCOPES"
permission = "permission.json"
poll_interval_s = 0.5
"""
STARTER = """
import json, runpy, sys
base, token, key, port = sys.argv[1:]
one = {"base_url": base, "token_url": token, "key_file": key, "client_id": "puller", "scopes": SCOPES}
told = {"port": int(port), "interval_s": 0.5, "pullers": [{**one, "flaw": "FLAW"}]}
open("settings.json", "w").write(json.dumps(told))
sys.argv = ["puller.py", "settings.json"]
runpy.run_path("PULLER", run_name="__main__")
"""


def manifest(folder, flaw):
    """Write the manifest of a puller of that flaw; return its path."""
    (folder / "app.toml").write_text(MANIFEST.replace("SCOPES", SCOPES))
    starter = STARTER.replace("SCOPES", repr(SCOPES)).replace("FLAW", flaw)
    (folder / "start.py").write_text(starter.replace("PULLER", str(PULLER)))
    opened = {"Encounter": (COHORT,), "Patient": (COHORT,)}
    granted = permission("puller", opened, ("read", "search-type"))
    (folder / "permission.json").write_text(json.dumps(granted))
    return str(folder / "app.toml")


def document(folder):
    """Return the run document of the only run in a folder."""
    (path,) = folder.glob("*/run.json")
    return json.loads(path.read_text())


def played(lab, runs, right, *words):
    """Run the command until its result is right: a busy machine may make the application late, or us."""
    for number in range(TRIES):
        out = runs / str(number)
        finished = lab("load", "pull", *words, "--out", str(out))
        (result,) = document(out)["pulls"]
        if finished.returncode == 0 and right(result):
            break
    return finished, result, out


def test_what_is_wrong_is_said_in_one_sentence(lab):
    finished = lab("load", "pull", EXAMPLE, "--duration", "2")
    assert finished.returncode == 2
    assert "too short for an application that polls every 0.5 s" in finished.stderr.replace("\n", " ")
    assert "Traceback" not in finished.stderr


def test_a_client_only_is_pulled_by_lab_load_itself(tmp_path):
    assert pulls_only(Path(manifest(tmp_path, "none")))
    assert not pulls_only(CHECKOUT / EXAMPLE)
    assert not pulls_only(tmp_path / "absent.toml")


def test_a_profile_is_for_servers(lab, tmp_path):
    finished = lab("load", manifest(tmp_path, "none"), "--profile", "smoke")
    assert finished.returncode == 2
    assert "lab load pull" in finished.stderr.replace("\n", " ")


@pytest.mark.slow
def test_the_example_keeps_up_with_a_fault_between(lab, tmp_path):
    # News in nearly every poll: with fewer, a slope has no sample, and what is not shown is not met.
    options = ("--rate", "5", "--duration", "16", "--faults", "unavailable:1.5", "--patients", "60")
    finished, result, out = played(lab, tmp_path, lambda _: True, EXAMPLE, *options)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "theory of such polling" in finished.stdout
    assert result["delivered"] == result["events"] > 10
    assert result["faults"][0]["recovery_s"] is not None
    (folder,) = out.iterdir()
    page = (folder / "report.html").read_text()
    assert page.count('class="shadow"') == 2  # one drawing for each language
    assert differences(RunFolder(folder), ()) == []
    held = json.loads((folder / "run.json").read_text())
    held["pulls"][0]["thresholds"][0]["value"] = 99.0
    (folder / "run.json").write_text(json.dumps(held))
    (changed,) = differences(RunFolder(folder), ())
    assert changed.startswith("staleness: p95 < interval + 5s: 99.0 -> ")


@pytest.mark.slow
@pytest.mark.parametrize(("flaw", "status"), [("none", "conforms"), ("first-page", "does_not_conform")])
def test_a_certification_plays_it_as_its_last_stage_when_asked(tmp_path, flaw, status):
    subject = read_manifest(Path(manifest(tmp_path, flaw)))
    load = frozenset({Suite.LOAD})
    asked = Pull(
        rate=15, duration_s=8, hidden_share=0.1, overlap_s=60, drain_s=8, thresholds=("coverage == 100%",)
    )
    for number in range(TRIES):
        out = tmp_path / f"runs{number}"
        folder = certify(subject, Options(out, patients=60, suites=load, asked=load, pull=asked))
        run = document(out)
        if run["verdict"]["status"] == status:
            break
    assert run["verdict"]["status"] == status, run["verdict"]
    (result,) = run["pulls"]
    assert result["valid"]
    assert result["events"] > 60
    assert ("pull" in {one["check"] for one in run["verdict"]["priorities"]}) == (flaw != "none")
    assert 'id="pull' in (folder.path / "report.html").read_text()
    assert differences(folder, ()) == []
    run["pulls"][0]["thresholds"][0]["value"] = -1.0
    folder.document.write_text(json.dumps(run))
    assert len(differences(folder, ())) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--pull", "gale"), "--pull is calm or stormy"),
        (("--pull", "calm", "--only", "security"), "--pull is a part of the load"),
    ],
)
def test_what_a_certification_cannot_play_is_said_in_one_sentence(lab, words, said):
    finished = lab("certify", EXAMPLE, *words)
    assert finished.returncode == 2
    assert said in finished.stderr.replace("\n", " ")


def test_only_what_the_laboratory_starts_and_what_pulls_can_be_pulled(tmp_path):
    subject = read_manifest(Path(manifest(tmp_path, "none")))
    calm, stormy = (of_profile(profile, subject) for profile in ("calm", "stormy"))
    assert not calm.windows
    assert {one.fault for one in stormy.windows} == {"unavailable", "throttled", "cut", "down"}
    with pytest.raises(ValueError, match=r"give its manifest a \[start\]"):
        of_profile("calm", replace(subject, start=None))
    with pytest.raises(ValueError, match=r"give its manifest a \[client\]"):
        of_profile("calm", replace(subject, client=None))


@pytest.mark.slow
def test_the_highest_rate_of_a_puller_of_little_capacity_is_enclosed(lab, tmp_path):
    app = tmp_path / "app"
    app.mkdir()
    options = ("--bisect", "--rate", "6", "--steps", "2", "--duration", "6", "--patients", "60")
    enclosed = (6.0, 12.0)
    finished, result, _ = played(
        lab,
        tmp_path / "runs",
        lambda seen: (seen["sustained_rate"], seen["unsustained_rate"]) == enclosed,
        manifest(app, "capped"),
        *options,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert [step["rate"] for step in result["steps"]] == [6.0, 12.0]
    assert (result["sustained_rate"], result["unsustained_rate"]) == enclosed


@pytest.mark.slow
def test_ctrl_c_keeps_what_was_seen_and_says_that_it_is_not_the_whole(started_lab, tmp_path):
    process = started_lab("load", "pull", EXAMPLE, "--patients", "60", "--out", str(tmp_path))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(_lines(tmp_path)) < 5:
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 5
    run = document(tmp_path)
    assert run["verdict"]["status"] == "incomplete"
    assert not run["pulls"][0]["valid"]
    assert "stopped before its end" in run["pulls"][0]["invalid_reason"]["en"]


def _lines(folder):
    return [line for path in folder.glob("*/pull/events.jsonl") for line in path.read_bytes().splitlines()]
