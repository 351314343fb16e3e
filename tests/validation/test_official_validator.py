"""The second opinion: read from what HL7's validator writes, never trusted, never quoting a resource.

HL7's own jar cannot be had here: a program of the same command line stands for it.
``benchmarks/official.py`` runs HL7's engine itself.
"""

import os
import stat
import sys

import orjson
import pytest
from resource_edits import VALID, edited

GOOD = VALID["patient-ins"]
PRIVATE = "Dupont"
BAD = edited("patient-ins", "gender", PRIVATE)

JAVA = """#!{python}
import json, sys
words = sys.argv[3:]
names, out = words[: words.index("-version")], words[words.index("-output") + 1]
assert words[words.index("-version") + 1] == "4.0.1" and "-tx" in words
def outcome(name):
    resource = json.load(open(name))
    wrong = {wrong}
    issue = {{"severity": "error", "code": "x", "expression": ["Patient.gender"],
             "details": {{"coding": [{{"code": "TX_16"}}]}}, "diagnostics": str(resource)}}
    said = {{"url": "http://hl7.org/fhir/StructureDefinition/operationoutcome-file", "valueString": name}}
    return {{"resourceType": "OperationOutcome", "extension": [said], "issue": [issue] if wrong else []}}
found = [outcome(name) for name in names]
several = {{"resourceType": "Bundle", "entry": [{{"resource": o}} for o in found]}}
document = found[0] if len(found) == 1 else several
{write}
"""
WRITES = 'open(out, "w").write(json.dumps(document))'


@pytest.fixture
def asked(lab, tmp_path):
    """Run ``lab validate --official`` with a Java that judges and writes so."""

    def run(*resources, wrong="resource.get('gender') not in ('male', 'female')", write=WRITES, jar="v.jar"):
        java = tmp_path / "bin" / "java"
        java.parent.mkdir()
        java.write_text(JAVA.format(python=sys.executable, wrong=wrong, write=write))
        java.chmod(java.stat().st_mode | stat.S_IXUSR)
        (tmp_path / "v.jar").touch()
        file = tmp_path / "a.ndjson"
        file.write_bytes(b"\n".join(map(orjson.dumps, resources)))
        path = f"{java.parent}{os.pathsep}{os.environ['PATH']}"
        return lab("validate", str(file), "--official", str(tmp_path / jar), PATH=path)

    return run


@pytest.mark.parametrize("resources", [(BAD,), (GOOD, BAD)])
def test_both_agree(asked, resources):
    finished = asked(*resources)
    assert finished.returncode == 1
    assert (
        f"Official validator: {len(resources)} of {len(resources)} resources judged alike." in finished.stdout
    )
    assert PRIVATE not in finished.stdout + finished.stderr


def test_what_only_one_of_them_finds_is_named_and_decides_nothing(asked):
    finished = asked(GOOD, GOOD, wrong="name == '1.json'")
    assert finished.returncode == 0
    assert "1 of 2 resources judged alike" in finished.stdout
    assert "a.ndjson:2 only there: Patient.gender TX_16" in finished.stdout


def test_what_only_ours_finds_is_named_too(asked):
    finished = asked(GOOD, BAD, wrong="False")
    assert finished.returncode == 1
    assert "a.ndjson:2 only here: Patient.gender binding" in finished.stdout


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ({"write": "sys.exit(1)"}, "wrote nothing readable (code 1): is it its jar?"),
        ({"write": "open(out, 'w').write('<html>')"}, "wrote nothing readable (code 0)"),
        ({"write": "document['entry'].pop(); " + WRITES}, "judged 1 of 2 resources"),
        ({"jar": "none.jar"}, "does not exist: give the path of validator_cli.jar"),
    ],
)
def test_a_validator_that_fails_is_one_sentence(asked, how, sentence):
    finished = asked(GOOD, GOOD, **how)
    assert finished.returncode == 2
    assert sentence in finished.stderr
    assert "Traceback" not in finished.stderr


def test_without_java_it_is_one_sentence(lab, tmp_path):
    file = tmp_path / "a.json"
    file.write_bytes(orjson.dumps(GOOD))
    finished = lab("validate", str(file), "--official", str(file), PATH=str(tmp_path))
    assert finished.returncode == 2
    assert "needs Java, which is not installed: install a JRE 17." in finished.stderr
