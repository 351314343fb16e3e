"""A real sandbox with applications of every kind, and a caller for each of them."""

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx
import jwt

from lab.checking.keys import new_key
from lab.fhir.permission_form import permission
from lab.sandbox.plan import Addresses, Client

PURPAN = "group-urgences-purpan"
OTHER = "group-urgences"
INS = "urn:oid:1.2.250.1.213.1.4.10"
MASKED = (
    "Patient.address",
    "Patient.telecom",
    f"Patient.identifier.where(system in ('{INS}'))",
    "Observation.encounter",
)
KEY = new_key("tests")
READ = ("read", "search-type")
TAKE = (*READ, "operation")
TAKEN = ("Patient", "Observation", "Encounter", "Group")
WRITE = (*READ, "create", "update", "patch", "delete", "history-type")


def grant(client_id, scopes, opened, actions=READ, masked=()):
    jwks = {"keys": [KEY.public]}
    return Client(client_id, jwks, scopes, permission(client_id, opened, actions, masked))


def two_cohorts():
    """One who may read one cohort and search a wider one."""
    narrow = permission("two-cohorts", {"Patient": (PURPAN,)}, ("read",))
    wide = permission("two-cohorts", {"Patient": (OTHER,)}, ("search-type",))
    both = {**narrow, "rule": [*narrow["rule"], *wide["rule"]]}
    return Client("two-cohorts", {"keys": [KEY.public]}, "system/Patient.rs", both)


CLIENTS = (
    grant(
        "full",
        "system/*.cruds",
        dict.fromkeys(("Patient", "Observation", "Encounter", "Organization", "Condition"), ()),
        WRITE,
    ),
    grant(
        "masked",
        "system/Patient.rs system/Observation.rs system/Encounter.rs",
        dict.fromkeys(("Patient", "Observation", "Encounter"), (PURPAN,)),
        masked=MASKED,
    ),
    grant(
        "writer",
        "system/Patient.crs system/Observation.crs",
        dict.fromkeys(("Patient", "Observation"), ()),
        WRITE,
        MASKED,
    ),
    grant("creator", "system/Patient.c", {"Patient": ()}, WRITE),
    grant(
        "patcher",
        "system/Patient.rus system/Observation.rus",
        dict.fromkeys(("Patient", "Observation"), ()),
        (*WRITE, "history-instance", "vread"),
        MASKED[:1],
    ),
    grant("updater", "system/Patient.cus", {"Patient": ()}, WRITE),
    grant("confined", "system/Patient.rus", {"Patient": (PURPAN,)}, WRITE),
    two_cohorts(),
    grant("taker", "system/*.rs", dict.fromkeys((*TAKEN, "Organization"), ()), TAKE),
    grant(
        "masked-taker",
        " ".join(f"system/{type_}.rs" for type_ in TAKEN),
        dict.fromkeys(TAKEN, (PURPAN,)),
        TAKE,
        MASKED,
    ),
    grant(
        "narrow-taker",
        "system/Patient.rs system/Observation.r system/Encounter.c",
        dict.fromkeys(TAKEN, (PURPAN,)),
        (*TAKE, "create"),
    ),
)


@dataclass(frozen=True)
class Caller:
    """One application with its token."""

    base: str
    token: str
    http: httpx.Client

    def request(self, method, path, body=None, headers: Mapping[str, str] | None = None):
        """Send a request with the token, and JSON when there is a body."""
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/fhir+json"}
        content = None if body is None else json.dumps(body).encode()
        return self.http.request(
            method, f"{self.base}/{path}".rstrip("/"), content=content, headers={**sent, **(headers or {})}
        )

    def get(self, path, **parameters):
        """Read or search."""
        return self.request("GET", path + (f"?{urlencode(parameters)}" if parameters else ""))

    def search(self, path, parameters):
        """Search by names that are no Python names."""
        return self.get(f"{path}?{urlencode(parameters)}")

    def bundle(self, kind, *entries):
        """Send a Bundle of requests."""
        return self.request("POST", "", {"resourceType": "Bundle", "type": kind, "entry": list(entries)})


def token(addresses: Addresses, client: Client, http: httpx.Client):
    now = int(time.time())
    claims = {"iss": client.client_id, "sub": client.client_id, "aud": addresses.token_url}
    assertion = jwt.encode(
        {**claims, "iat": now, "exp": now + 200, "jti": str(uuid.uuid4())},
        KEY.private,
        algorithm="ES384",
        headers={"kid": KEY.kid},
    )
    form = {
        "grant_type": "client_credentials",
        "scope": client.scopes,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
    }
    return http.post(addresses.token_url, data=form).json()["access_token"]


def get(url):
    """Return the request of an entry that reads."""
    return {"request": {"method": "GET", "url": url}}


def post(type_, resource, **more):
    """Return the entry that creates a resource."""
    return {"resource": resource, "request": {"method": "POST", "url": type_, **more}}
