"""One traced sandbox for all tests of the audit."""

import secrets

import httpx
import pytest
from audit_hospital import CLIENTS, COHORT, Trail, caller

from lab.sandbox.plan import SandboxPlan
from lab.sandbox.stack import sandbox


@pytest.fixture(scope="session")
def audited(tmp_path_factory):
    """The addresses of the sandbox, its plan and the trail it writes."""
    folder = tmp_path_factory.mktemp("audited")
    plan = SandboxPlan(
        seed=11,
        patients=60,
        journal=str(folder / "hospital.jsonl"),
        store=str(folder / "hospital.db"),
        redaction_key="11" * 32,
        laboratory_secret=secrets.token_urlsafe(8),
        clients=CLIENTS,
    )
    with sandbox(plan, folder / "sandbox.log") as running:
        yield running.addresses, plan, Trail(folder / "audit")


@pytest.fixture(scope="session")
def trail(audited):
    return audited[2]


@pytest.fixture(scope="module")
def callers(audited):
    """A caller for each application."""
    addresses, _, _ = audited
    with httpx.Client(trust_env=False, timeout=30) as http:
        yield {client.client_id: caller(addresses, client, http) for client in CLIENTS}


@pytest.fixture(scope="session")
def inside(audited):
    """A patient of the cohort."""
    return audited[0].groups[COHORT][0]


@pytest.fixture(scope="module")
def outside(audited, callers):
    """A patient that is not of the cohort."""
    members = set(audited[0].groups[COHORT])
    page = callers["full"].get("Patient?_count=200").json()
    return next(e["resource"]["id"] for e in page["entry"] if e["resource"]["id"] not in members)
