"""Admission: random arrivals at two workers of a gateway, judged by what the reference says is due.

Promises P1 (nothing is served without levels 1 to 3), P6 and P8 of the reference, section 8.
"""

import asyncio
import base64
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from hashlib import sha256
from ipaddress import ip_network
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import orjson

from lab.authserver.rate_limit import Rate, RateLimits
from lab.authserver.registry import Registration, Registry
from lab.authserver.revocation import admit, revoke
from lab.authserver.state import State
from lab.authserver.tokens import Tokens
from lab.fhir.http import AsgiApplication
from lab.fhir.permission import compile_permission
from lab.fhir.scopes import parse_scopes
from lab.fhirserver.backend import EmbeddedBackend
from lab.gateway.application import Gateway, application
from lab.journal.journal import Journal
from lab.journal.redact import Redactor
from lab.proof.grammar.arriving import PATIENTS, PROXIES, extra, knock, text
from lab.proof.grammar.arriving import application as drawn
from lab.proof.grants import NETWORK
from lab.proof.reference.admission import Application, Door, Due, Knock, Ticket, due
from lab.proof.world import BASE, Json

_ORIGIN = BASE.removesuffix("/fhir")
_DAY = date(2026, 5, 1)
_BOUND = 0.8
"""The share of the tokens of an application with certificates that are bound to one."""

_PATHS = {
    "search": "/fhir/Patient",
    "page": "/fhir/Patient",
    "metadata": "/fhir/metadata",
    "configuration": "/fhir/.well-known/smart-configuration",
    "elsewhere": "/internal/Patient",
}


def arrivals(seed: str, requests: int, *, folder: Path) -> Iterator[str]:
    """Yield what is wrong with each answer at one hospital, empty for nothing."""
    chance = Random(f"{seed}/door")  # noqa: S311 - a proof, not a secret
    with TemporaryDirectory(dir=folder) as place, ExitStack() as ending:
        house = _House(chance, Path(place), ending)
        for _ in range(requests):
            house.happen()
            yield house.ask()


class _House:
    """A hospital whose gateway runs in two workers, administered by a third process."""

    def __init__(self, chance: Random, place: Path, ending: ExitStack) -> None:
        self._chance = chance
        self._now = 1_000_000.0
        known = {id_: drawn(chance, id_) for id_ in ("one", "two", "three", "four")}
        proxies = tuple(chance.sample(PROXIES, chance.choice([0, 1, 2])))
        self._door = Door(known, proxies, self._now)
        self._links: dict[str, str] = {}
        backend = EmbeddedBackend(place / "h.db", page_key=b"a key of pages of sixteen")
        ending.callback(backend.close)
        backend.load(_resources(known.values()))
        registrations = [_registration(one) for one in known.values()]
        limits = RateLimits(clock=lambda: self._now)
        self._states = [State(place / "state.db") for _ in range(3)]
        for state in self._states:
            ending.callback(state.close)
        self._tokens = [Tokens(clock=lambda: self._now, state=state) for state in self._states]
        self._workers = [
            self._worker(backend, Registry(registrations, state), tokens, limits, ending)
            for state, tokens in zip(self._states[:2], self._tokens[:2], strict=True)
        ]
        self._loop = asyncio.new_event_loop()
        ending.callback(self._loop.close)
        for one in known.values():
            self._issue(one)

    def _worker(
        self,
        backend: EmbeddedBackend,
        registry: Registry,
        tokens: Tokens,
        limits: RateLimits,
        ending: ExitStack,
    ) -> AsgiApplication:
        journal = Journal(Path("/dev/null"), "P")
        ending.callback(journal.close)
        return application(
            Gateway(
                origin=_ORIGIN,
                token_url=f"{_ORIGIN}/token",
                introspection_url=f"{_ORIGIN}/introspect",
                backend=backend,
                registry=registry,
                tokens=tokens,
                journal=journal,
                redactor=Redactor(b"0" * 32),
                started=time.monotonic(),
                laboratory_secret="yes",  # noqa: S106 - it opens nothing
                today=lambda: _DAY,
                proxies=tuple(ip_network(cidr) for cidr in self._door.proxies),
                limits=limits,
            )
        )

    def happen(self) -> None:
        """Let time pass, and now and then something be administered."""
        chance, door = self._chance, self._door
        self._now += chance.choice([0.0, 0.0, 1.0, 20.0])
        door.now = self._now
        one = chance.choice(list(door.applications.values()))
        match chance.choice(
            ["nothing"] * 24 + ["issue"] * 3 + ["revoke", "disable", "admit", "admit", "one"]
        ):
            case "issue":
                self._issue(one)
            case "revoke":
                revoke(self._states[2], one.id, only_tokens=True)
                door.revoked |= {token for token, t in door.tickets.items() if t.application == one.id}
            case "one":
                token = chance.choice(list(door.tickets))
                self._tokens[2].revoke_one(token, one.id)
                door.revoked |= {token} if door.tickets[token].application == one.id else set()
            case "disable" if len(door.disabled) < 2:
                revoke(self._states[2], one.id)
                door.disabled.add(one.id)
                door.revoked |= {token for token, t in door.tickets.items() if t.application == one.id}
            case "admit" if door.disabled:
                back = chance.choice(sorted(door.disabled))
                admit(self._states[2], back)
                door.disabled.discard(back)
                self._issue(door.applications[back])

    def ask(self) -> str:
        """Send one request to one of the workers, and return what is wrong with the answer."""
        asked = knock(self._chance, self._door, sorted(self._links))
        status, body = self._loop.run_until_complete(self._sent(asked))
        wanted = due(self._door, asked)
        if status != wanted.status:
            return f"status {status}, due {wanted.status}"
        return self._judged(asked, wanted, body) if wanted.patients is not None else ""

    def _judged(self, asked: Knock, wanted: Due, body: bytes) -> str:
        found = orjson.loads(body)
        entries = [entry["resource"] for entry in found.get("entry", ())] if "entry" in found else [found]
        ids = {each["id"] for each in entries if each["resourceType"] == "Patient"}
        expected = wanted.patients or frozenset()
        if not ids <= expected or (asked.target == "read" and ids != expected):
            return f"patients {sorted(ids - expected)} of somebody else"
        link = next((link["url"] for link in found.get("link", ()) if link["relation"] == "next"), "")
        if link and asked.target == "search":
            known = self._door.tickets[asked.credentials[0].partition(" ")[2]]
            self._links[known.application] = urlsplit(link).query
        return ""

    def _issue(self, one: Application) -> None:
        bound = (
            self._chance.choice(["A", "B"])
            if one.certificate_bound and self._chance.random() < _BOUND
            else ""
        )
        certificate = _thumbprint(bound) if bound else ""
        issuer = self._chance.choice(self._tokens[:2])
        token = issuer.issue(one.id, parse_scopes("system/*.rs"), certificate=certificate)
        self._door.tickets[token] = Ticket(one.id, self._now + 300, bound)

    async def _sent(self, asked: Knock) -> tuple[int, bytes]:
        chance = self._chance
        more, query = extra(chance, asked.token)
        if asked.target == "page":
            query = self._links[asked.linked]
        elif asked.target != "search":
            query = ""
        elif not query:
            query = "_count=1"
        headers = [(b"host", b"hospital.test")]
        headers += [(b"authorization", value.encode()) for value in asked.credentials]
        headers += [(each.name.encode(), text(each, chance).encode()) for each in asked.forwarding]
        headers += [(name.encode(), value.encode()) for name, value in more.items()]
        path = _PATHS.get(asked.target, f"/fhir/Patient/{asked.patient}")
        scope: Json = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": headers,
            "client": (asked.peer, 50_000),
            "extensions": {"tls": {"client_cert_chain": _chain(asked.certificate)}},
        }
        messages: list[Any] = []

        async def receive() -> Json:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            messages.append(message)

        await chance.choice(self._workers)(scope, receive, send)
        return messages[0]["status"], b"".join(part.get("body", b"") for part in messages[1:])


def _chain(name: str) -> list[str]:
    """Return what a listener says of the certificate of that name."""
    return [ssl.DER_cert_to_PEM_cert(name.encode())] if name else []


def _thumbprint(name: str) -> str:
    return base64.urlsafe_b64encode(sha256(name.encode()).digest()).rstrip(b"=").decode()


def _resources(known: Any) -> list[Json]:
    people: list[Json] = [
        {"resourceType": "Patient", "id": id_, "name": [{"family": id_}]} for id_ in PATIENTS
    ]
    groups = [
        {
            "resourceType": "Group",
            "id": one.id,
            "type": "person",
            "actual": True,
            "member": [{"entity": {"reference": f"Patient/{id_}"}} for id_ in sorted(one.patients)],
        }
        for one in known
    ]
    return [*people, *groups]


def _registration(one: Application) -> Registration:
    rate = Rate(1e-6, one.burst) if one.burst else None
    return Registration(
        one.id,
        {"keys": []},
        parse_scopes("system/*.rs"),
        compile_permission(permission(one), one.id),
        certificate_bound=one.certificate_bound,
        rate=rate,
    )


def permission(one: Application) -> Json:
    """Return the Permission of an application: the patients of its Group, from its networks."""
    purpose = [{"coding": [{"code": "TREAT"}]}]
    actions = [{"coding": [{"code": code}]} for code in ("read", "search-type")]
    return {
        "resourceType": "Permission",
        "id": one.id,
        "status": "active",
        "combining": "deny-unless-permit",
        "rule": [
            {
                "type": "permit",
                "modifierExtension": [
                    {
                        "url": NETWORK,
                        "extension": [{"url": "cidr", "valueString": cidr} for cidr in one.networks],
                    }
                ],
                "data": [
                    {
                        "resource": [{"meaning": "related", "reference": {"reference": f"Group/{one.id}"}}],
                        "expression": {"language": "application/x-fhir-query", "expression": "Patient"},
                    }
                ],
                "activity": [
                    {"actor": [{"reference": f"Device/{one.id}"}], "action": actions, "purpose": purpose}
                ],
            }
        ],
    }
