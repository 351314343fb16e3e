"""`lab data` as a user meets it: every command, and one sentence for each wrong call."""

import csv
import json
import signal
from pathlib import Path

import httpx
import pytest

from lab.certification.visitor import visitor
from lab.sandbox.plan import SandboxPlan
from lab.sandbox.stack import sandbox
from synthetic_data.folder.manifest import read_manifest
from synthetic_data.folder.read import resources

SCALE = "0.0005"  # 225 patients


@pytest.fixture(scope="module")
def hospital(lab, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "hospital"
    finished = lab("data", "generate", "--scale", SCALE, "--workers", "1", "--out", str(folder))
    assert finished.returncode == 0, finished.stderr
    assert "Observation.laboratory.ndjson.zst" in finished.stdout
    return folder


def test_the_volumes_are_the_share_of_the_year(hospital):
    volumes = read_manifest(hospital).volumes
    assert (volumes["sejours"], volumes["consultations"], volumes["analyses"]) == (154, 487, 3422)


def test_a_sound_hospital_verifies(lab, hospital):
    finished = lab("data", "verify", str(hospital), "--json", "--workers", "1")
    report = json.loads(finished.stdout)
    assert finished.returncode == 0, [one for one in report["conclusions"] if one["outcome"] == "failed"]
    assert report["resources"] == read_manifest(hospital).lines
    assert report["validator"]


def test_a_changed_byte_does_not_verify(lab, hospital, tmp_path):
    for file in hospital.iterdir():
        if file.is_file():
            (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "answers").mkdir()
    for file in (hospital / "answers").iterdir():
        (tmp_path / "answers" / file.name).write_bytes(file.read_bytes())
    victim = tmp_path / "Patient.ndjson.zst"
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(data)
    finished = lab("data", "verify", str(tmp_path), "--workers", "1")
    assert finished.returncode == 1
    assert "digests" in finished.stdout
    assert "Traceback" not in finished.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--scale", "0"), "--scale expects"),
        (("--scale", "1e9"), "--scale expects"),
        (("--scale", "nan"), "--scale expects"),
        (("--scale", "half"), "--scale expects"),
        (("--seed", "abc"), "--seed expects"),
        (("--seed", "-1"), "--seed expects"),
        (("--format", "parquet"), "--format expects"),
        (("--shard", "3/2"), "--shard expects"),
        (("--shard", "x"), "--shard expects"),
    ],
)
def test_wrong_arguments_get_one_sentence(lab, tmp_path, arguments, sentence):
    finished = lab("data", "generate", "--out", str(tmp_path / "out"), *arguments)
    assert finished.returncode == 2
    assert sentence in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_is_left_alone(lab, hospital, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    for folder, word in ((tmp_path, "thesis.txt"), (hospital, "complete hospital")):
        finished = lab("data", "generate", "--scale", SCALE, "--out", str(folder))
        assert finished.returncode == 2
        assert word in finished.stderr
    assert (tmp_path / "thesis.txt").read_text() == "mine"


@pytest.mark.parametrize("command", ["verify", "describe", "load"])
def test_a_folder_that_is_no_hospital_gets_one_sentence(lab, tmp_path, command):
    more = ("--into", "sandbox") if command == "load" else ()
    for folder in (tmp_path, tmp_path / "absent"):
        finished = lab("data", command, str(folder), *more)
        assert finished.returncode == 2, finished.stdout + finished.stderr
        assert "Expected" in finished.stderr
        assert "Traceback" not in finished.stderr


def test_shards_are_joined_to_the_same_bytes(lab, tmp_path):
    shards = []
    for index in ("2", "1"):
        shards.append(str(tmp_path / f"shard-{index}"))
        finished = lab("data", "generate", "--scale", "0.006", "--shard", f"{index}/2", "--out", shards[-1])
        assert finished.returncode == 0, finished.stderr
    whole, joined = tmp_path / "whole", tmp_path / "joined"
    assert lab("data", "generate", "--scale", "0.006", "--out", str(whole)).returncode == 0
    assert lab("data", "join", *shards, "--out", str(joined)).returncode == 0
    assert (joined / "manifest.json").read_bytes() == (whole / "manifest.json").read_bytes()
    finished = lab("data", "join", shards[0], "--out", str(tmp_path / "half"))
    assert finished.returncode == 2
    assert "begins at block 0" in finished.stderr


def test_an_interrupted_generation_is_resumed(lab, started_lab, tmp_path):
    arguments = ("data", "generate", "--scale", "0.03", "--workers", "2", "--out", str(tmp_path / "cut"))
    running = started_lab(*arguments)
    journal = tmp_path / "cut" / "blocks.jsonl"
    while not (journal.exists() and journal.read_bytes().count(b"\n") > 1):
        assert running.poll() is None
    running.send_signal(signal.SIGINT)
    assert running.wait(60) == 5
    assert not (tmp_path / "cut" / "manifest.json").exists()
    assert not list((tmp_path / "cut").glob("*.zst"))
    assert lab(*arguments).returncode == 0
    whole = tmp_path / "whole"
    assert lab("data", "generate", "--scale", "0.03", "--out", str(whole)).returncode == 0
    assert (whole / "manifest.json").read_bytes() == (tmp_path / "cut" / "manifest.json").read_bytes()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    client, _ = visitor()
    plan = SandboxPlan(
        seed=7,
        patients=20,
        journal=str(folder / "journal.jsonl"),
        store=str(folder / "hospital.db"),
        redaction_key="00" * 32,
        laboratory_secret="s" * 32,
        clients=(client,),
    )
    with sandbox(plan, folder / "sandbox.log") as stack:
        token = folder / "token"
        token.write_text(stack.addresses.backend_key)
        yield stack.addresses.backend_url, token


def test_a_hospital_is_loaded_into_a_server(lab, hospital, server):
    url, token = server
    types = "Organization,Location,Practitioner,PractitionerRole,Patient"
    finished = lab("data", "load", str(hospital), "--into", url, "--types", types, "--token-file", str(token))
    assert finished.returncode == 0, finished.stderr
    authorized = {"Authorization": f"Bearer {token.read_text()}"}
    for resource in list(resources(hospital, frozenset({"Patient"})))[:3]:
        found = httpx.get(f"{url}/Patient/{resource['id']}", headers=authorized).json()
        found.pop("meta"), resource.pop("meta")
        assert found == resource


def test_a_refused_write_is_told(lab, hospital, server, tmp_path):
    token = tmp_path / "token"
    token.write_text("wrong")
    finished = lab("data", "load", str(hospital), "--into", server[0], "--token-file", str(token))
    assert finished.returncode == 1
    assert "401" in finished.stderr


@pytest.mark.parametrize(
    ("into", "code", "sentence"),
    [
        ("https://fhir.example.org/fhir", 2, "nothing is written elsewhere"),
        ("http://127.0.0.1:9/fhir", 4, "No answer from"),
    ],
)
def test_only_this_machine_is_written_to(lab, hospital, into, code, sentence):
    finished = lab("data", "load", str(hospital), "--into", into)
    assert finished.returncode == code
    assert sentence in finished.stderr


def test_a_cohort_becomes_a_table_without_identities(lab, hospital, tmp_path):
    finished = lab("data", "cohort", str(hospital), "--name", "diabete", "--out", str(tmp_path))
    assert finished.returncode == 0, finished.stderr
    with (tmp_path / "cohort.csv").open() as file:
        rows = list(csv.DictReader(file))
    known = [json.loads(line) for line in (hospital / "answers" / "cohorts.ndjson").read_text().splitlines()]
    (truth,) = (one for one in known if one["cohort"] == "diabete")
    assert len(rows) == truth["count"]
    assert {row["diabete"] for row in rows} == {"oui"}
    assert not {"id", "nom", "ipp", "ins"} & set(rows[0])
    unknown = lab("data", "cohort", str(hospital), "--name", "x", "--out", str(tmp_path))
    assert unknown.returncode == 2
    assert "oncologie" in unknown.stderr
