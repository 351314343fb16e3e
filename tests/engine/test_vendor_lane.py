"""Checks of a vendor run apart: whatever they do, the findings of the laboratory are what they were."""

import dataclasses
import sys
import time

import pytest
from test_engine_is_hermetic import CHECK, nonsense_server, plan  # noqa: F401 - a fixture by its name

from lab.engine.runner import run_checks
from lab.engine.vendor_runner import run_vendor_checks
from lab.model.words import Outcome

HEAD = """
from lab.api import CLIENT, SERVER, Text, check
WORDS = dict(
    title=Text(fr="Titre", en="Title"), failure=Text(fr="Faux.", en="Wrong."), remedy=Text(fr="r", en="R")
)
"""


@pytest.fixture
def vendor(tmp_path):
    """Write files of checks and run them; return what the vendor's report says."""
    folder, place = tmp_path / "vendor", tmp_path / "place"
    folder.mkdir()
    place.mkdir()

    def run(source, base_url="http://127.0.0.1:9/fhir", timeout_s=60.0, **others):
        (folder / "check_one.py").write_text(HEAD + source)
        for name, text in others.items():
            (folder / f"{name}.py").write_text(text)
        own = dataclasses.replace(plan(tmp_path, base_url), vendor_checks=str(folder))
        return run_vendor_checks(own, place, tmp_path / "logs" / "vendor-checks.log", timeout_s)

    return run


def outcomes(report):
    return {finding.check: finding.outcome for finding in report.findings}


def test_each_ends_as_ours_do(vendor):
    report = vendor(
        "@check('OWN-01', role=SERVER, **WORDS)\n"
        "def right(expect): pass\n"
        "@check('OWN-02', role=SERVER, **WORDS)\n"
        "def wrong(expect): expect.that(False, expected='a', seen='b', evidence=[])\n"
        "@check('OWN-03', role=SERVER, **WORDS)\n"
        "def remark(expect): expect.should(False, expected='a', seen='b', evidence=[])\n"
        "@check('OWN-04', role=SERVER, **WORDS)\n"
        "def broken(expect): raise RuntimeError('mine')\n"
        "@check('OWN-05', role=CLIENT, **WORDS)\n"
        "def of_a_role_it_has_not(expect): pass\n"
    )
    found = {"OWN-01": "pass", "OWN-02": "fail", "OWN-03": "warning", "OWN-04": "error"}
    assert outcomes(report) == found
    assert report.notes == ()
    assert "Wrong." in report.findings[1].message.en
    assert "vendor-checks.log" in report.findings[3].message.en


def test_an_id_of_the_laboratory_is_refused(vendor):
    report = vendor(f"@check('{CHECK}', role=SERVER, **WORDS)\ndef mine(expect): pass\n")
    assert report.findings == ()
    assert f"'{CHECK}' is left out" in report.notes[0]


def test_a_file_that_is_no_python_is_named_and_the_others_run(vendor):
    report = vendor("@check('OWN-01', role=SERVER, **WORDS)\ndef right(expect): pass\n", check_two="def (:")
    assert outcomes(report) == {"OWN-01": Outcome.PASS}
    assert "check_two.py cannot be read" in report.notes[0]


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos._exit(0)\n",
        "import time\ntime.sleep(600)\n",
        "while True: pass\n",
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(12)\nos._exit(0)\n",
    ],
    ids=["exits", "sleeps", "spins", "leaves a process that holds the pipe"],
)
def test_one_that_never_ends_is_ended(vendor, source):
    begun = time.monotonic()
    report = vendor(source, timeout_s=4.0)
    assert time.monotonic() - begun < 9
    assert report.findings == ()
    assert "did not end by themselves" in report.notes[0]


FORGING = """
import os
import orjson

text = {"fr": "x", "en": "y" * 9000}
for id_ in ("SRV-RD-03", "OWN-09"):
    event = {"event": "finding", "check": id_, "outcome": "pass", "title": text, "message": text}
    for number in range(3, 64):
        try:
            os.write(number, b'no json\\n[1]\\n{"event": "finding"}\\n' + orjson.dumps(event) + b"\\n")
        except OSError:
            pass
"""


def test_what_it_prints_to_its_parent_is_taken_for_text(vendor):
    (forged,) = vendor(FORGING).findings
    assert forged.check == "OWN-09"  # one that is named like ours is no finding of a vendor
    assert len(forged.title.en) == 2_000


def test_a_hostile_lane_changes_no_finding_of_ours(vendor, tmp_path, nonsense_server):  # noqa: F811 - the fixture
    surroundings = {
        "conftest": "raise SystemExit('a conftest was read')",
        "sitecustomize": "raise SystemExit(9)",
    }
    (tmp_path / "vendor" / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    before = run_checks(plan(tmp_path, nonsense_server), tmp_path / "engine.log")
    patching = (
        "import lab.checking.expect as expect_module, lab.engine.plugin as plugin\n"
        "expect_module.Expect.that = lambda *_, **__: None\n"
        "plugin._outcome = lambda *_: ('pass', WORDS['title'])\n"
        "@check('OWN-01', role=SERVER, **WORDS)\n"
        "def right(expect): pass\n"
    )
    assert outcomes(vendor(patching, nonsense_server, **surroundings)) == {"OWN-01": Outcome.PASS}
    after = run_checks(plan(tmp_path, nonsense_server), tmp_path / "engine.log")
    assert [f.outcome for f in before.findings] == [f.outcome for f in after.findings] == [Outcome.FAIL]


def test_it_gets_no_variable_of_the_caller(vendor, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_CALLER", "x")
    monkeypatch.setenv("PYTHONPATH", sys.path[0])
    report = vendor(
        "import os\n@check('OWN-01', role=SERVER, **WORDS)\n"
        "def hidden(expect):\n"
        "    seen = {'SECRET_OF_THE_CALLER', 'PYTHONPATH'} & set(os.environ)\n"
        "    expect.that(not seen, expected='none', seen='some', evidence=[])\n"
    )
    assert outcomes(report) == {"OWN-01": Outcome.PASS}
