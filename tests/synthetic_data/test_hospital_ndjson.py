"""Files: one NDJSON per type, a manifest that tells the truth, a command that says what it did."""

import hashlib
import json

import orjson
import pytest

from synthetic_data import HospitalPlan, Manifest, generate, write_ndjson
from synthetic_data.__main__ import main

PLAN = HospitalPlan(seed=3, patients=20)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hospital") / "new" / "folder"
    return folder, write_ndjson(PLAN, folder)


def test_the_files_hold_the_generated_resources_in_order(written):
    folder, manifest = written
    read = [
        orjson.loads(line)
        for kind in manifest.counts
        for line in (folder / f"{kind}.ndjson").read_bytes().splitlines()
    ]
    assert read == list(generate(PLAN))


def test_the_manifest_counts_and_digests_are_those_of_the_files(written):
    folder, manifest = written
    for kind, count in manifest.counts.items():
        content = (folder / f"{kind}.ndjson").read_bytes()
        assert content.count(b"\n") == count
        assert hashlib.sha256(content).hexdigest() == manifest.sha256[kind]


def test_the_manifest_file_says_what_was_asked(written):
    folder, manifest = written
    said = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert Manifest(**said) == manifest
    assert (said["seed"], said["patients"], said["now"]) == (3, 20, "2023-06-15T10:00:00+02:00")
    assert {path.name for path in folder.iterdir()} == {f"{kind}.ndjson" for kind in said["counts"]} | {
        "manifest.json"
    }


def test_the_command_writes_and_prints_the_counts(tmp_path, capsys):
    assert main(["--patients", "5", "--seed", "3", "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "Patient                   5" in printed
    assert "total" in printed
    assert json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["patients"] == 5


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--patients", "0"], "at least 1 patient"),
        (["--now", "2023-06-15T10:00:00"], "time zone"),
    ],
)
def test_the_command_refuses_a_wrong_plan_in_one_sentence(tmp_path, capsys, arguments, sentence):
    with pytest.raises(SystemExit) as stopped:
        main([*arguments, "--out", str(tmp_path)])
    assert stopped.value.code == 2
    assert sentence in capsys.readouterr().err


def test_the_command_says_when_the_folder_cannot_be_written(tmp_path, capsys):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(SystemExit) as stopped:
        main(["--patients", "1", "--out", str(tmp_path / "file")])
    assert stopped.value.code == 2
    assert "cannot write to" in capsys.readouterr().err
