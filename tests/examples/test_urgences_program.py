"""The program starts from its environment alone, stops cleanly, and its papers are in order."""

import json
import os
import signal
import subprocess
import sys
import tomllib
from ipaddress import ip_network
from itertools import pairwise
from pathlib import Path

import pytest
from fake_script import Fault
from tableau_urgences.facade.consumers import ConsumersError, read_consumers
from tableau_urgences.settings import SCOPES, SettingError, read_settings
from urgences_board import EXAMPLE, running_board, until

ENVIRONMENT = {
    "HOSPITAL_FHIR_BASE_URL": "https://fhir.example/fhir/",
    "BOARD_CLIENT_ID": "tableau-urgences",
    "BOARD_KEY_FILE": "key.json",
}


def test_settings_have_sensible_defaults():
    settings = read_settings(ENVIRONMENT)
    assert settings.fhir_base_url == "https://fhir.example/fhir"
    assert settings.poll_interval_s == 2
    assert settings.consumers_file.is_file()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOSPITAL_FHIR_BASE_URL", ""),
        ("HOSPITAL_FHIR_BASE_URL", "fhir.example"),
        ("BOARD_CLIENT_ID", ""),
        ("BOARD_KEY_FILE", ""),
        ("BOARD_PORT", "http"),
        ("BOARD_PORT", "-1"),
        ("BOARD_POLL_INTERVAL_S", "nan"),
    ],
)
def test_a_wrong_setting_gets_one_sentence_that_names_it(name, value):
    with pytest.raises(SettingError, match=name):
        read_settings({**ENVIRONMENT, name: value})


def test_a_program_that_cannot_start_says_why_and_exits_2():
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("BOARD_", "HOSPITAL_"))
    }
    ended = subprocess.run(
        [sys.executable, "-m", "tableau_urgences"],
        cwd=EXAMPLE,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert "HOSPITAL_FHIR_BASE_URL is not set" in line


@pytest.mark.parametrize(
    "change",
    [
        {"masked": ["Patient.nom"]},
        {"masked": ["Patient.name.family"]},
        {"cidr": ["127.0.0.1/33"]},
        {"locations": "loc-urg-purpan"},
        {"locations": None},
        {"extra": True},
    ],
)
def test_consumers_that_cannot_be_enforced_are_refused(tmp_path, change):
    document = json.loads((EXAMPLE / "consumers.json").read_text())
    document["consumers"]["partenaire-purpan"] |= change
    path = tmp_path / "consumers.json"
    path.write_text(json.dumps(document))
    with pytest.raises(ConsumersError):
        read_consumers(path)


def test_health_is_503_until_the_first_poll_and_the_facade_does_not_claim_emptiness(hospital, tmp_path):
    hospital.faults.append(Fault(503, on="/fhir/Encounter", times=2))
    with running_board(hospital, tmp_path, BOARD_POLL_INTERVAL_S="0.5") as board:
        assert board.get("/health").status_code == 503
        token = hospital.grant("partenaire-complet", "system/Patient.rs")
        answer = board.get("/fhir/Patient", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 503
        until(lambda: board.get("/health").status_code == 200)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_program_cleanly_and_long_before_its_next_poll(hospital, tmp_path, number):
    hospital.faults.append(Fault(503, times=99))  # it is waiting when it is told to stop
    with running_board(hospital, tmp_path, BOARD_POLL_INTERVAL_S="30") as board:
        until(lambda: "waiting" in board.log.read_text())
        board.process.send_signal(number)
        assert board.process.wait(5) == 0
        assert board.log.read_text().splitlines()[-1].endswith("stopped {}")


def test_example_imports_nothing_of_the_laboratory():
    for path in (EXAMPLE / "tableau_urgences").rglob("*.py"):  # not the vendor's own checks
        words = path.read_text().split()
        assert not [
            f"{a} {b}"
            for a, b in pairwise(words)
            if a in {"import", "from"}
            and b.partition(".")[0] in {"lab", "synthetic_data", "scenarios", "reports"}
        ]


def test_every_file_of_the_example_stays_small():
    assert {p.name: n for p in EXAMPLE.rglob("*.py") if (n := len(p.read_text().splitlines())) > 200} == {}


def test_manifest_scopes_permission_and_program_agree():
    manifest = tomllib.loads((EXAMPLE / "tableau_urgences.toml").read_text())
    assert manifest["client"]["scopes"] == SCOPES
    permission = json.loads((EXAMPLE / manifest["client"]["permission"]).read_text())
    (rule,) = permission["rule"]
    types = {data["expression"]["expression"] for data in rule["data"]}
    assert types == {scope.partition("/")[2].partition(".")[0] for scope in SCOPES.split()}
    confined = {data["expression"]["expression"] for data in rule["data"] if "resource" in data}
    assert confined == {"Encounter", "Patient"}
    assert permission["combining"] == "deny-unless-permit"
    for part in rule["modifierExtension"][0]["extension"]:
        assert ip_network(part["valueString"]).is_loopback
    known = read_consumers(EXAMPLE / "consumers.json").by_client
    for identity in manifest["server"]["identities"]:
        assert set(identity.get("masked", ())) == known[identity["client_id"]].masked


def test_manifest_has_every_variable_that_the_program_needs():
    environment = tomllib.loads((EXAMPLE / "tableau_urgences.toml").read_text())["start"]["environment"]
    filled = {name: value.replace("{port}", "0") for name, value in environment.items()}
    filled["HOSPITAL_FHIR_BASE_URL"] = "http://127.0.0.1/fhir"
    assert read_settings(filled).key_file == Path("{key_file}")
