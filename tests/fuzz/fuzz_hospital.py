"""A running sandbox to send anything to, and its applications."""

import http.client
import json
import secrets
import time
import uuid
from contextlib import closing, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import jwt

from lab.authserver.application import ASSERTION_TYPE
from lab.checking.keys import new_key
from lab.fhir.permission_form import permission
from lab.sandbox.plan import Client, SandboxPlan
from lab.sandbox.stack import sandbox

TYPES = (
    "Patient",
    "Observation",
    "Encounter",
    "Organization",
    "Condition",
    "Group",
    "List",
    "Binary",
    "Basic",
)
ACTIONS = (
    *("read", "vread", "history-instance", "history-type", "history-system", "search-type", "search-system"),
    *("create", "update", "patch", "delete", "batch", "transaction", "operation"),
)
TOKEN_AGE_S = 120
COHORT = ("group-urgences-purpan",)
MASKED = (
    "Patient.address",
    "Patient.identifier.where(system in ('urn:oid:1.2.250.1.213.1.4.10'))",
    "Observation.note",
)
_KEY = new_key("fuzz")


def _client(name, opened, masked=()):
    return Client(name, {"keys": [_KEY.public]}, "system/*.cruds", permission(name, opened, ACTIONS, masked))


CLIENTS = (
    _client("whole", dict.fromkeys(TYPES, ())),
    _client("confined", dict.fromkeys(TYPES, COHORT)),
    _client("masked", dict.fromkeys(TYPES, COHORT), MASKED),
)


@dataclass(frozen=True)
class Answer:
    """One answer; header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float


@dataclass
class Caller:
    """An application, with a token that is renewed in time; the target is sent as it is given."""

    address: tuple[str, int]
    token_url: str
    client: Client
    token: str = ""
    asked: float = 0.0

    def send(self, method, target, headers, body=b""):
        """Send a request and return its answer."""
        begun = time.monotonic()
        if not self.token or begun - self.asked > TOKEN_AGE_S:
            self.token, self.asked = _token(self.token_url, self.client), begun
        with closing(http.client.HTTPConnection(*self.address, timeout=60)) as connection:
            connection.putrequest(method, target, skip_accept_encoding=True)
            sent = {"Authorization": f"Bearer {self.token}", **headers, "Content-Length": str(len(body))}
            for name, value in sent.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            content = answer.read()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, names, content, time.monotonic() - begun)


@contextmanager
def hospital(folder):
    """Run a sandbox; give its callers by name."""
    plan = SandboxPlan(
        seed=7,
        patients=20,
        journal=str(folder / "hospital.jsonl"),
        store=str(folder / "hospital.db"),
        redaction_key="00" * 32,
        laboratory_secret=secrets.token_urlsafe(8),
        clients=CLIENTS,
    )
    with sandbox(plan, folder / "sandbox.log") as running:
        gateway = urlsplit(running.addresses.fhir_base_url)
        address = (gateway.hostname, gateway.port)
        yield {c.client_id: Caller(address, running.addresses.token_url, c) for c in CLIENTS}


def _token(url, client):
    now, name = int(time.time()), client.client_id
    claims = {"iss": name, "sub": name, "aud": url, "iat": now, "exp": now + 200, "jti": str(uuid.uuid4())}
    form = {
        "grant_type": "client_credentials",
        "scope": client.scopes,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": jwt.encode(claims, _KEY.private, algorithm="ES384", headers={"kid": _KEY.kid}),
    }
    with httpx.Client(trust_env=False) as asking:
        return asking.post(url, data=form).json()["access_token"]


def statement(caller):
    """Return what the server declares: parameters by type, and the names of operations."""
    (rest,) = json.loads(caller.send("GET", "/fhir/metadata", {}).body)["rest"]
    parameters = {
        r["type"]: {p["name"]: p["type"] for p in r.get("searchParam", ())} for r in rest["resource"]
    }
    operations = {o["name"] for part in (rest, *rest["resource"]) for o in part.get("operation", ())}
    return parameters, sorted(operations)
