"""A real sandbox whose applications are traced, callers for them, and its trail read naively."""

import base64
import json
import time
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import jwt

from lab.checking.keys import new_key
from lab.fhir.permission_form import permission
from lab.sandbox.plan import Addresses, Client

KEY = new_key("tests")
COHORT = "group-urgences-purpan"
READ = ("read", "search-type")
TAKE = (*READ, "operation")
WRITE = (*READ, "create", "update", "patch", "delete")
TYPES = ("Patient", "Observation", "Encounter")
MASKED = ("Patient.address", "Patient.telecom", "Patient.identifier")


def application(client_id, scopes, groups, actions, masked=()):
    """Return an application that is let in from one address of this machine only."""
    opened = dict.fromkeys(TYPES, groups)
    return Client(client_id, {"keys": [KEY.public]}, scopes, permission(client_id, opened, actions, masked))


ALL = "system/Patient.cruds system/Observation.cruds system/Encounter.cruds"
SOME = "system/Patient.rs system/Observation.rs system/Encounter.rs"
CLIENTS = (
    application("full", ALL, (), WRITE),
    application("masked", SOME, (COHORT,), READ, MASKED),
    application("taker", SOME, (COHORT,), TAKE),
)


@dataclass(frozen=True)
class Caller:
    """One application with its token."""

    base: str
    token: str
    http: httpx.Client

    def request(self, method, path, body=None, **headers):
        """Send a request with the token, and JSON when there is a body."""
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/fhir+json", **headers}
        content = None if body is None else json.dumps(body).encode()
        return self.http.request(method, f"{self.base}/{path}".rstrip("/"), content=content, headers=sent)

    def get(self, path):
        """Read or search."""
        return self.request("GET", path)

    def bundle(self, kind, *entries):
        """Send a Bundle of requests."""
        return self.request("POST", "", {"resourceType": "Bundle", "type": kind, "entry": list(entries)})


def assertion(addresses: Addresses, client: str, kid=KEY.kid):
    now = int(time.time())
    claims = {"iss": client, "sub": client, "aud": addresses.token_url, "iat": now, "exp": now + 200}
    claims["jti"] = str(uuid.uuid4())
    return jwt.encode(claims, KEY.private, algorithm="ES384", headers={"kid": kid})


def ask_token(addresses: Addresses, client: Client, http: httpx.Client, signed: str):
    form = {
        "grant_type": "client_credentials",
        "scope": client.scopes,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": signed,
    }
    return http.post(addresses.token_url, data=form)


def caller(addresses: Addresses, client: Client, http: httpx.Client):
    answer = ask_token(addresses, client, http, assertion(addresses, client.client_id))
    return Caller(addresses.fhir_base_url, answer.json()["access_token"], http)


def from_elsewhere(one: Caller, path: str):
    """Read from an address that no application has."""
    transport = httpx.HTTPTransport(local_address="127.0.0.2", verify=False)
    with httpx.Client(transport=transport, trust_env=False) as http:
        return replace(one, http=http).get(path)


class Trail:
    """The files of a trail, of which a test reads what it caused."""

    def __init__(self, folder: Path):
        self.folder = folder

    def bytes(self):
        """Return all that is written."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.glob("audit-*.ndjson")))

    def events(self):
        """Return every event so far."""
        return [json.loads(line) for line in self.bytes().splitlines()]

    def of(self, do):
        """Return what was answered, and the events that were there when the answer came."""
        before = len(self.events())
        answer = do()
        return answer, self.events()[before:]


def details(event):
    return {d["type"]: d["valueString"] for entity in event["entity"] for d in entity.get("detail", [])}


def who(event):
    return event["agent"][0].get("who", {}).get("reference")


def entities(event, role, lifecycle=None):
    """Return what the entities of a role name."""
    return [
        entity.get("what", {}).get("reference") or entity.get("name")
        for entity in event["entity"]
        if entity["role"]["code"] == role
        and (lifecycle is None or entity.get("lifecycle", {}).get("code") == lifecycle)
    ]


def seen(event):
    return sorted(entities(event, "1", "6"))


def queries(event):
    return [base64.b64decode(e["query"]).decode() for e in event["entity"] if "query" in e]


def patients_of(document):
    """Return the patients that an answer carries, by reading all of it; links carry nobody."""
    found = set()
    if isinstance(document, list):
        for item in document:
            found |= patients_of(item)
    elif isinstance(document, dict):
        if document.get("resourceType") == "Patient" and "id" in document:
            found.add(f"Patient/{document['id']}")
        for name, value in document.items():
            if name in {"reference", "fullUrl"} and isinstance(value, str):
                parts = value.split("/")
                if "Patient" in parts[:-1]:
                    at = parts.index("Patient")
                    found.add(f"Patient/{parts[at + 1]}")
            elif name != "link":
                found |= patients_of(value)
    return found
