"""sekmet-fhir plays its hospital scenarios against the embedded server, as it comes."""

import json
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.slow
PASSED = {
    "adt_admit_transfer_discharge",
    "adt_merge_update",
    "appointment_book_cancel",
    "billing_claim",
    "bulk_export_group",
    "clinical_documentation",
    "conformance_smoke",
    "lab_order_to_result",
    "medication_order_dispense",
    "rad_order_imaging_report",
    "subscription_backport_roundtrip",
    "subscription_roundtrip",
}
NOT_OFFERED = {
    "lab_order_peer_fills": "peer does not play role 'lab-filler'",
    "messaging_adt_orders": "peer does not advertise FHIR messaging",
}
SKIPPED_STEPS = {  # of scenarios that pass
    "Wait for ClaimResponse": "peer does not play role 'payer'",
    "Adjudication complete": "peer does not play role 'payer'",
    "Synchronous Claim/$submit": "peer does not play role 'payer'",
    "Answers FHIR XML when asked (Accept application/fhir+xml)": "peer does not advertise format xml",
}


def topic(base_url: str) -> str:
    """Find the topic of ended stays where a server declares its topics."""
    declared = httpx.get(f"{base_url}/metadata", trust_env=False).json()["rest"][0]["resource"]
    (subscription,) = (one for one in declared if one["type"] == "Subscription")
    topics = [extension["valueCanonical"] for extension in subscription["extension"]]
    return next(one for one in topics if one.endswith("/encounter-complete"))


@pytest.fixture(scope="module")
def played(sekmet: Path, base_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """What became of each scenario, by the name of its file."""
    folder = tmp_path_factory.mktemp("scenarios")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "host": "127.0.0.1",
        "port": port,
        "base_url": f"http://127.0.0.1:{port}/fhir",
        "simulator": {"enabled": False},
        "peers": {"chu": {"base_url": base_url}},
    }
    (folder / "settings.yaml").write_text(json.dumps(settings))  # JSON is YAML
    run = (sekmet / "bin" / "sekmet", "scenario", "run", "all", "--peer", "chu", "--config", "settings.yaml")
    command = (*run, "--report-dir", "reports", "--var", f"topic={topic(base_url)}")
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    reports = list(folder.glob("reports/*/results.json"))
    assert len(reports) == 1, ended.stdout + ended.stderr
    return {Path(one["file"]).stem: one for one in json.loads(reports[0].read_text())}


def test_every_scenario_is_known(played: dict[str, dict]) -> None:
    assert set(played) == PASSED | set(NOT_OFFERED)


@pytest.mark.parametrize("name", sorted(PASSED))
def test_a_scenario_passes(played: dict[str, dict], name: str) -> None:
    steps = played[name]["steps"]
    assert played[name]["status"] == "passed", [s for s in steps if s["status"] == "failed"]
    for step in steps:
        if step["status"] != "passed":
            assert step["message"].startswith(SKIPPED_STEPS[step["name"]])


@pytest.mark.parametrize("name", sorted(NOT_OFFERED))
def test_what_is_not_offered_is_skipped_for_that_reason(played: dict[str, dict], name: str) -> None:
    assert played[name]["status"] == "skipped"
    assert all(step["message"].startswith(NOT_OFFERED[name]) for step in played[name]["steps"])
