"""The sandbox as a stack: it starts, answers, refuses what goes around the gateway, and stops."""

import socket

import httpx
import pytest

from lab.certification.visitor import visitor
from lab.sandbox.plan import SandboxPlan
from lab.sandbox.stack import SandboxError, sandbox


def plan(tmp_path, **more):
    client, _ = visitor()
    return SandboxPlan(
        seed=7,
        patients=20,
        journal=str(tmp_path / "journal.jsonl"),
        store=str(tmp_path / "hospital.db"),
        redaction_key="00" * 32,
        laboratory_secret="s" * 32,
        clients=(client,),
        **more,
    )


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stack")
    with sandbox(plan(folder), folder / "sandbox.log") as stack:
        yield stack, folder


def test_each_part_has_its_own_port_chosen_by_the_system(running):
    at = running[0].addresses
    ports = {httpx.URL(url).port for url in (at.fhir_base_url, at.token_url, at.backend_url, at.decoy_url)}
    assert len(ports) == 4
    assert at.resources > 100
    assert at.groups["group-urgences"]


def test_the_way_around_the_gateway_is_closed(running):
    at = running[0].addresses
    assert httpx.get(f"{at.backend_url}/Patient").status_code == 401
    opened = httpx.get(f"{at.backend_url}/Patient", headers={"Authorization": f"Bearer {at.backend_key}"})
    assert opened.status_code == 200


def test_every_decision_is_journaled_with_level_rule_and_reason(running):
    stack, folder = running
    assert httpx.get(f"{stack.addresses.fhir_base_url}/Patient").status_code == 401
    last = (folder / "journal.jsonl").read_text().splitlines()[-1]
    assert '"decision":{"level":2,"allow":false,"rule":"bearer","reason":"no bearer token"}' in last


def test_the_smart_configuration_names_the_token_endpoint(running):
    at = running[0].addresses
    found = httpx.get(f"{at.fhir_base_url}/.well-known/smart-configuration").json()
    assert found["token_endpoint"] == at.token_url


def test_a_port_that_is_taken_is_one_clear_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        asked = plan(tmp_path, ports={"gateway": taken.getsockname()[1]})
        with pytest.raises(SandboxError, match="port cannot be opened"), sandbox(asked, tmp_path / "log"):
            pytest.fail("the sandbox should not start")
