"""The servers that `five_levels.py` measures, over one store, and the applications that ask them."""

import http.client
import random
import secrets
import sqlite3
import subprocess
import sys
import time
import uuid
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import jwt
import orjson

from lab.authserver.application import ASSERTION_TYPE
from lab.checking.keys import new_key
from lab.fhir.permission_form import permission
from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.cluster import cluster
from lab.fhirserver.storage.type_numbers import number
from lab.sandbox.plan import Client, SandboxPlan
from lab.sandbox.seed import seed
from lab.sandbox.stack import sandbox

_GATEWAY = """
import contextlib, sys
import lab.gateway.application as gateway
from lab.sandbox import serve
serve.seed = lambda plan, open_backend, progress: (serve._opened(open_backend), 0, {})
serve.indexed = lambda plan, share: contextlib.nullcontext()
if sys.argv[1] == "levels":
    whole = gateway.Gateway
    gateway.Gateway = lambda **parts: whole(**{**parts, "trail": None})
    gateway._record = lambda *_: None
serve.main()
"""
"""A sandbox over a store that is already filled."""
_HELLO = """
import asyncio, sys, uvicorn
from lab.fhirserver.listening import bind, settings
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})
s = bind("127.0.0.1", 0)
print(s.getsockname()[1], flush=True)
asyncio.run(uvicorn.Server(settings(app)).serve(sockets=[s]))
"""
_KEY = new_key("benchmark")
_INS = "urn:oid:1.2.250.1.213.1.4.10"
_PARTLY = (
    f"Patient.identifier.where(system in ('{_INS}'))",
    *("Patient.address", "Patient.contact.telecom", "Observation.encounter", "Observation.note"),
)
_EVERY = {
    "Patient": "extension identifier active name telecom gender birthDate deceased address maritalStatus "
    "contact",
    "Observation": "identifier basedOn category code encounter effective issued performer value "
    "interpretation note specimen referenceRange",
}
"""All that resources hold, but for whom they are about."""
_FULLY = tuple(f"{type_}.{name}" for type_, names in _EVERY.items() for name in names.split())


@dataclass(frozen=True)
class Server:
    """``token_url`` is empty for a server that lets everybody in."""

    name: str
    port: int
    process: int
    token_url: str = ""


def filled(store: Path, data: str, types: str) -> tuple[int, dict[str, list[str]]]:
    """Fill the store, with cohorts of 1 % of the patients, of 50 and of none; return the ids of each."""
    plan = SandboxPlan(7, 1_700, "", str(store), "", "", data=data, types=tuple(types.split(",")))
    backend, count, _ = seed(plan, lambda: EmbeddedBackend(store, page_key=bytes(32)), lambda _: None)
    people = patients_of(store)
    chosen = random.Random(1).sample(people, len(people))  # noqa: S311 - a cohort, not a secret
    cohorts = {"one-percent": chosen[: len(people) // 100], "fifty": chosen[-50:], "empty": []}
    backend.load(
        {
            "resourceType": "Group",
            "id": f"benchmark-{name}",
            "type": "person",
            "actual": True,
            "active": True,
            **({"member": [{"entity": {"reference": f"Patient/{id_}"}} for id_ in ids]} if ids else {}),
        }
        for name, ids in cohorts.items()
    )
    backend.close()
    return count, cohorts


def patients_of(store: Path) -> list[str]:
    """Return the ids of the patients of a store."""
    read = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    found = [id_ for (id_,) in read.execute("select id from resource where type = ?", (number("Patient"),))]
    read.close()
    return found


def servers_of(stack: ExitStack, folder: Path, store: Path) -> dict[str, Server]:
    """Start a bare answer, the server alone, and the gateway twice, over one store."""
    process = subprocess.Popen([sys.executable, "-c", _HELLO], stdout=subprocess.PIPE)
    stack.callback(process.wait)
    stack.callback(process.kill)
    port = int(process.stdout.readline()) if process.stdout else 0
    alone = stack.enter_context(cluster(store))
    found = {
        "hello": Server("hello", port, process.pid),
        "none": Server("none", urlsplit(alone.base_url).port or 0, alone.processes[0].pid),
    }
    for name in ("levels", "traced"):
        journal = folder / name / "journal.jsonl"
        plan = SandboxPlan(7, 0, str(journal), str(store), "00" * 32, secrets.token_hex(8), _clients())
        running = stack.enter_context(sandbox(plan, folder / name / "log.txt", module=("-c", _GATEWAY, name)))
        at = running.addresses
        found[name] = Server(name, urlsplit(at.fhir_base_url).port or 0, at.process, at.token_url)
    return found


def _clients() -> tuple[Client, ...]:
    """Return who asks: without masks, with some, with all; within each cohort."""
    opened: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
        "whole": ((), ()),
        "partly": ((), _PARTLY),
        "fully": ((), _FULLY),
        **{name: ((f"benchmark-{name}",), ()) for name in ("one-percent", "fifty", "empty")},
    }
    return tuple(
        Client(
            name,
            {"keys": [_KEY.public]},
            "system/Patient.rs system/Observation.rs",
            permission(
                name, dict.fromkeys(("Patient", "Observation"), groups), ("read", "search-type"), masks
            ),
        )
        for name, (groups, masks) in opened.items()
    )


def token_of(url: str, client: str) -> str:
    """Return a new access token of an application."""
    now = int(time.time())
    claims = {"iss": client, "sub": client, "aud": url, "iat": now, "exp": now + 200, "jti": uuid.uuid4().hex}
    signed = jwt.encode(claims, _KEY.private, algorithm="ES384", headers={"kid": _KEY.kid})
    form = {"grant_type": "client_credentials", "scope": "system/Patient.rs system/Observation.rs"}
    form |= {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed}
    at = urlsplit(url)
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=60)
    kind = {"content-type": "application/x-www-form-urlencoded"}
    connection.request("POST", at.path, urlencode(form), kind)
    said = connection.getresponse().read()
    connection.close()
    return str(orjson.loads(said)["access_token"])
