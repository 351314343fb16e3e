"""The command line as a user meets it: every command, its exit code and its one clear sentence."""

import json

from lab.engine.catalogue import catalogue
from lab.manifest import read_manifest


def test_the_version_is_printed(lab):
    finished = lab("--version")
    assert finished.returncode == 0
    assert finished.stdout.startswith("lab 0.")


def test_the_catalogue_is_listed_as_json_and_as_a_table(lab):
    cards = json.loads(lab("checks", "list", "--json").stdout)
    assert [card["id"] for card in cards] == list(catalogue())
    assert all(card["title"]["fr"] and card["title"]["en"] for card in cards)
    assert "L4-01" in lab("checks", "list").stdout


def test_a_check_is_shown_with_its_requirement(lab):
    finished = lab("checks", "show", "CLI-AUT-03")
    assert finished.returncode == 0
    assert "no more than five minutes" in finished.stdout


def test_an_unknown_check_is_a_usage_error(lab):
    finished = lab("checks", "show", "NOPE-01")
    assert finished.returncode == 2
    assert "lab checks list" in finished.stderr


def test_what_init_writes_is_a_manifest(lab, tmp_path):
    path = tmp_path / "app" / "APP.toml"
    assert lab("init", str(path)).returncode == 0
    assert read_manifest(path).client.client_id == "your-application"
    again = lab("init", str(path))
    assert again.returncode == 2
    assert "exists already" in again.stderr


def test_the_doctor_finds_this_machine_fit(lab):
    finished = lab("doctor")
    assert finished.returncode == 0, finished.stdout
    assert "loopback 127.0.0.1" in finished.stdout


def test_a_missing_manifest_is_a_usage_error(lab, tmp_path):
    finished = lab("certify", str(tmp_path / "absent.toml"))
    assert finished.returncode == 2
    assert "lab init" in finished.stderr


def test_a_missing_run_is_a_usage_error(lab, tmp_path):
    for command in ("report", "recheck"):
        finished = lab(command, str(tmp_path))
        assert finished.returncode == 2
        assert "Traceback" not in finished.stderr


def test_a_run_document_of_another_form_is_a_usage_error(lab, tmp_path):
    (tmp_path / "run.json").write_text('{"schema": "urn:another"}')
    finished = lab("report", str(tmp_path))
    assert finished.returncode == 2
    assert "is not a run document" in finished.stderr


def test_a_wrong_option_is_a_usage_error(lab):
    assert lab("certify", "x.toml", "--only", "everything").returncode == 2


def test_an_unforeseen_error_is_never_read_as_a_verdict(lab, tmp_path):
    """The folder of runs is a file: nothing can be written, not even the run document."""
    (tmp_path / "runs").write_text("")
    manifest = tmp_path / "APP.toml"
    lab("init", str(manifest))
    finished = lab("certify", str(manifest), "--out", str(tmp_path / "runs"))
    assert finished.returncode == 3
    assert "Laboratory error" in finished.stderr
