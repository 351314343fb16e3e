"""One sandbox for all tests of the gateway: they only add resources of their own."""

import secrets

import httpx
import pytest
from gateway_hospital import CLIENTS, Caller, token

from lab.sandbox.plan import SandboxPlan
from lab.sandbox.stack import sandbox


@pytest.fixture(scope="session")
def hospital(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gateway")
    plan = SandboxPlan(
        seed=7,
        patients=120,
        journal=str(folder / "hospital.jsonl"),
        store=str(folder / "hospital.db"),
        redaction_key="00" * 32,
        laboratory_secret=secrets.token_urlsafe(8),
        clients=CLIENTS,
    )
    with sandbox(plan, folder / "sandbox.log") as running:
        yield running.addresses, plan


@pytest.fixture(scope="module")
def callers(hospital):
    """A caller for each application, with a token of its own: a whole suite outlasts one."""
    addresses, _ = hospital
    with httpx.Client(trust_env=False) as http:
        yield {
            client.client_id: Caller(addresses.fhir_base_url, token(addresses, client, http), http)
            for client in CLIENTS
        }


@pytest.fixture
def full(callers):
    return callers["full"]


@pytest.fixture
def masked(callers):
    return callers["masked"]


@pytest.fixture
def writer(callers):
    return callers["writer"]
