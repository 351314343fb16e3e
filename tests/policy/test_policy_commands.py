"""``lab policy check`` and ``explain`` as a user meets them: golden outputs, exit codes, bad input.

Set GOLDEN=write in the environment to write the golden files again, then read them.
"""

import json
import os
import re
from pathlib import Path

import pytest
from click.testing import Result
from sample_permissions import LOCATION, TOULOUSE_V1, deny, r5, r5_activity, r5_data, r5_rule, r6, tag
from typer.testing import CliRunner

from lab.cli.app import app

_VERSION = re.compile(r"(?<=\"versionId\": \")[0-9a-f]{20}")
"""The digest that stands for a version, to a client with masks."""
GOLDEN = Path(__file__).parent / "golden"
DAY = ("--date", "2026-06-01")
PATIENT = {
    "resourceType": "Patient",
    "id": "1",
    "meta": {"versionId": "7", "lastUpdated": "2026-05-01T08:00:00Z", "security": [tag("TAG_1")]},
    "text": {"status": "generated", "div": "<div xmlns='http://www.w3.org/1999/xhtml'>Ada Baker</div>"},
    "identifier": [
        {"system": "urn:oid:1.2.250.1.213.1.4.10", "value": "280021234567890"},
        {"system": "https://chu-toulouse.example.org/sid/ipp", "value": "8000000001"},
    ],
    "name": [{"family": "Baker", "given": ["Ada"]}],
    "telecom": [{"system": "phone", "value": "06 39 98 00 00"}],
    "birthDate": "1980-02-12",
    "address": [{"city": "Toulouse"}],
}
WARY = r5(
    r5_rule(activity=[r5_activity("read"), r5_activity("patch")]),
    deny(data=[r5_data("Patient", security=[tag("VIP")])]),
    combining="deny-overrides",
)


@pytest.fixture
def folder(tmp_path):
    files = {
        "patient.json": PATIENT,
        "permission.json": WARY,
        "sound.json": r5(),
        "toulouse-v1.json": TOULOUSE_V1,
        "library/location.json": LOCATION,
        "r6.json": r6(),
        "list.json": [],
    }
    (tmp_path / "library").mkdir()
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content))
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "twice.json").write_text('{"resourceType": "Permission", "rule": [], "rule": []}')
    return tmp_path


@pytest.fixture
def policy(monkeypatch, folder):
    """Run ``lab policy`` in this process, in the folder."""
    monkeypatch.setenv("LAB_LANG", "en")
    monkeypatch.chdir(folder)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, ("policy", *arguments))

    return run


def matches(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_sound_permission_is_explained(lab, folder, lang):
    arguments = ("--patient", "patient.json", "--lang", lang, *DAY)
    finished = lab("policy", "check", "permission.json", *arguments, cwd=folder)
    assert finished.returncode == 0, finished.stderr
    matches(f"check.{lang}.txt", _VERSION.sub("[digest]", finished.stdout))


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_published_version_1_is_refused_and_says_what_to_do(lab, folder, lang):
    finished = lab("policy", "check", "toulouse-v1.json", "--client", "app-x", "--lang", lang, cwd=folder)
    assert finished.returncode == 2
    matches(f"refused.{lang}.txt", finished.stdout)


def test_without_a_patient_one_of_the_synthetic_hospital_is_shown(lab, folder):
    finished = lab("policy", "check", "r6.json", "--library", "library", *DAY, cwd=folder)
    assert finished.returncode == 0, finished.stderr
    assert '-   "address": [' in finished.stdout
    assert '    "gender"' in finished.stdout


QUESTIONS = (
    ("allowed", ("GET", "/fhir/Patient?family=Baker", "--from", "10.31.4.5"), 0),
    ("level1", ("GET", "/Patient/1", "--from", "10.32.4.5"), 1),
    ("level3", ("DELETE", "/Patient/1"), 1),
    ("scope", ("GET", "/Observation?patient=1", "--scopes", "system/Patient.rs"), 1),
    ("purpose", ("GET", "/Patient/1", "--purpose", "HRESCH"), 1),
    ("level5", ("GET", "/Patient?address-city=Albi"), 1),
    ("grammar", ("GET", "/Patient/../x"), 1),
)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_decisions_are_explained(policy, lang):
    printed = []
    for name, arguments, code in QUESTIONS:
        finished = policy("explain", "--permission", "sound.json", "--lang", lang, *DAY, *arguments)
        assert finished.exit_code == code, (name, finished.output)
        printed.append(finished.stdout)
    matches(f"explain.{lang}.txt", "\n".join(printed))


def test_each_entry_of_a_batch_is_explained(policy, folder):
    entries = [{"request": {"method": "GET", "url": url}} for url in ("Patient/1", "Condition/1")]
    body = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    (folder / "batch.json").write_text(json.dumps(body))
    asked = ("--permission", "sound.json", "--body", "batch.json", *DAY, "POST", "/fhir")
    finished = policy("explain", *asked)
    assert finished.exit_code == 1
    assert finished.stdout.count("= allowed") == 1
    assert finished.stdout.count("= refused at level 3: 403") == 1


def test_a_manifest_gives_permission_application_and_scopes(lab, checkout):
    manifest = str(checkout / "examples/tableau_urgences/tableau_urgences.toml")
    finished = lab("policy", "explain", "--manifest", manifest, "GET", "/Patient/1")
    assert finished.returncode == 0, finished.stderr
    assert "tableau-urgences" in finished.stdout


WRONG = {
    "is not JSON": ("check", "broken.json"),
    "'rule' is there twice": ("check", "twice.json"),
    "expected a JSON object": ("check", "list.json"),
    "cannot be read": ("check", "absent.json"),
    "is no folder": ("check", "r6.json", "--library", "nowhere"),
    "expected fr or en": ("check", "sound.json", "--lang", "de"),
    "expected YYYY-MM-DD": ("check", "sound.json", "--date", "tomorrow"),
    "Not a scope": ("explain", "--permission", "sound.json", "--scopes", "patient/*.r", "GET", "/Patient"),
    "--permission FILE or --manifest": ("explain", "GET", "/Patient"),
    "No manifest at": ("explain", "--manifest", "absent.toml", "GET", "/Patient"),
    "x.json: cannot be read": (
        "explain",
        "--permission",
        "sound.json",
        "--body",
        "x.json",
        "GET",
        "/Patient",
    ),
}


@pytest.mark.parametrize("sentence", WRONG)
def test_bad_input_gets_one_sentence(policy, sentence):
    finished = policy(*WRONG[sentence])
    assert finished.exit_code == 2, finished.output
    assert sentence in finished.stderr


def test_a_library_names_each_resource_once(policy, folder):
    (folder / "library" / "again.json").write_text(json.dumps(LOCATION))
    finished = policy("check", "r6.json", "--library", "library")
    assert finished.exit_code == 2
    assert "is there twice" in finished.stderr
    (folder / "library" / "again.json").write_text("{}")
    assert "is missing" in policy("check", "r6.json", "--library", "library").stderr


def test_another_application_than_that_of_the_permission_is_refused(policy):
    finished = policy("check", "sound.json", "--client", "app-y")
    assert finished.exit_code == 2
    assert "must be Device/app-y" in finished.stdout
