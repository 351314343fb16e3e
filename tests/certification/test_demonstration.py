"""The main job, whole: the bundled example is certified end to end, and the run can be judged again."""

import json
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

pytestmark = pytest.mark.slow
SECRETS = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.|PRIVATE KEY|Bearer (?!h:)(?!replayed)[A-Za-z0-9_-]{20,}")


@pytest.fixture(scope="module")
def document(demonstration):
    return json.loads((demonstration[1] / "run.json").read_text())


def test_the_example_conforms(demonstration, document):
    finished, folder = demonstration
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert document["verdict"]["status"] == "conforms"
    assert document["verdict"]["security_level"] == 5
    assert "Conforms" in finished.stdout
    assert str(folder / "report.html") in finished.stdout.replace("\n", "")


def test_every_planned_check_was_reported(document):
    assert document["planned"] == document["reported"] == len(document["findings"])
    assert document["planned"] >= 26


def test_both_roles_and_all_five_levels_were_exercised(document):
    passed = [f for f in document["findings"] if f["outcome"] == "pass"]
    assert {f["role"] for f in passed} == {"server", "client"}
    assert {f["level"] for f in passed} == {None, 1, 2, 3, 4, 5}


READS_FILES = {"K-09"}
"""What it judges are the files that are delivered, not exchanges."""


def test_every_finding_shows_its_evidence(document):
    recorded = {e["id"] for e in document["exchanges"]}
    for finding in document["findings"]:
        assert set(finding["evidence"]) <= recorded
        if finding["outcome"] in {"pass", "fail"} and finding["check"] not in READS_FILES:
            assert finding["evidence"], finding["check"]


def test_the_load_was_valid_and_had_samples(document):
    (load,) = document["load"]
    assert load["valid"]
    assert all(t["met"] and t["samples"] for t in load["thresholds"])
    assert load["refusals"] > 0
    assert load["leaks"] == 0
    assert sum(second["achieved"] for second in load["series"]) == load["requests"]


def test_no_secret_is_left_in_the_folder(demonstration):
    for path in Path(demonstration[1]).rglob("*"):
        if path.is_file():
            found = SECRETS.search(path.read_text(encoding="utf-8", errors="replace"))
            assert found is None, f"{path.name}: {found[0][:12]}"


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_run_can_be_judged_again_offline(demonstration, lab, seed):
    again = lab("recheck", str(demonstration[1]), PYTHONHASHSEED=seed)
    assert again.returncode == 0, again.stdout + again.stderr
    assert ", 0 changed." in again.stdout


def test_recheck_notices_evidence_that_was_changed(demonstration, lab, tmp_path):
    copy = shutil.copytree(demonstration[1], tmp_path / "changed")
    journal = copy / "journal" / "application.jsonl"
    journal.write_text(journal.read_text().replace("client_credentials", "password"))
    again = lab("recheck", str(copy))
    assert again.returncode == 1
    assert "CLI-AUT-01: pass -> fail" in again.stdout
    assert "journal/application.jsonl: not what was recorded during the run" in again.stdout


def test_the_checks_of_the_vendor_are_shown_and_count_for_nothing(demonstration, document):
    own = {finding["check"]: finding["outcome"] for finding in document["vendor_findings"]}
    assert own == {"OWN-01": "pass", "OWN-02": "pass"}
    assert not own.keys() & {finding["check"] for finding in document["findings"]}
    assert "OWN-01" in (demonstration[1] / "report.html").read_text()
    assert (demonstration[1] / "journal" / "vendor-checks.jsonl").read_text().count("in-progress") >= 1


def test_the_report_elsewhere_has_the_same_bytes(demonstration, lab, tmp_path):
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(demonstration[1] / "run.json", alone)
    rendered = lab("report", str(alone))
    assert rendered.returncode == 0, rendered.stderr
    for name in ("report.html", "junit.xml"):
        assert (alone / name).read_bytes() == (demonstration[1] / name).read_bytes()


def test_the_junit_file_has_a_case_for_each_finding(demonstration, document):
    cases = ET.parse(demonstration[1] / "junit.xml").getroot().iter("testcase")
    names = {case.get("name", "").split(" ")[0] for case in cases}
    assert {f["check"] for f in document["findings"]} <= names
