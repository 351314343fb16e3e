"""Opening: random calls of applications with random Permissions and scopes, judged by what level 3 opens.

Whole types only: what is refused is refused by levels 3, never by what is there. Promise P1 of the reference.
"""

import asyncio
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from lab.authserver.registry import Registration, Registry
from lab.authserver.tokens import Tokens
from lab.fhir.permission import compile_permission
from lab.fhir.policy import PolicyError
from lab.fhir.scopes import parse_scopes
from lab.fhirserver.backend import EmbeddedBackend
from lab.gateway.application import Gateway, application
from lab.journal.journal import Journal
from lab.journal.redact import Redactor
from lab.proof.grammar.calling import DAYS, Written, holder, stored, written
from lab.proof.grants import PEER
from lab.proof.reference.opening import Holder, all_opened, opened
from lab.proof.world import BASE, Json

_HOLDERS = 12
_REFUSAL = "The access token does not allow this."
_JSON = ("content-type", "application/fhir+json")


def calls(seed: str, requests: int, *, folder: Path) -> Iterator[str]:
    """Yield what is wrong with each answer at one hospital, empty for nothing."""
    chance = Random(f"{seed}/calls")  # noqa: S311 - a proof, not a secret
    with TemporaryDirectory(dir=folder) as place, ExitStack() as ending:
        counter = _Counter(chance, Path(place), ending)
        for _ in range(requests):
            yield counter.ask()


class _Counter:
    """A gateway with applications whose policies differ, on a day that moves."""

    def __init__(self, chance: Random, place: Path, ending: ExitStack) -> None:
        self._chance = chance
        self._day = DAYS[0]
        backend = EmbeddedBackend(place / "h.db", page_key=b"a key of pages of sixteen")
        ending.callback(backend.close)
        backend.load(stored())
        journal = Journal(Path("/dev/null"), "P")
        ending.callback(journal.close)
        tokens = Tokens()
        self._holders: list[tuple[Holder, str]] = []
        known: list[Registration] = []
        while len(known) < _HOLDERS:
            id_ = f"app-{len(known)}"
            drawn = holder(chance, id_)
            try:
                policy = compile_permission(drawn.client.permission, id_)
            except PolicyError:
                continue
            scopes = parse_scopes(drawn.client.scopes)
            known.append(Registration(id_, {"keys": []}, scopes, policy, purpose=drawn.client.purpose))
            self._holders.append((drawn, tokens.issue(id_, scopes)))
        origin = BASE.removesuffix("/fhir")
        self._app = application(
            Gateway(
                origin=origin,
                token_url=f"{origin}/token",
                introspection_url=f"{origin}/introspect",
                backend=backend,
                registry=Registry(known),
                tokens=tokens,
                journal=journal,
                redactor=Redactor(b"0" * 32),
                started=time.monotonic(),
                laboratory_secret="-",  # noqa: S106 - nobody sends it
                today=lambda: date.fromisoformat(self._day),
            )
        )
        self._loop = asyncio.new_event_loop()
        ending.callback(self._loop.close)

    def ask(self) -> str:
        """Send one request, and return what is wrong with the answer."""
        self._day = self._chance.choice(DAYS)
        known, token = self._chance.choice(self._holders)
        drawn = written(self._chance)
        if isinstance(drawn, Written):
            status, body = self._send(token, drawn)
            return _judged(opened(known, drawn.call, self._day), status, _told(body))
        kind, entries = drawn
        sent = {"resourceType": "Bundle", "type": kind, "entry": [_entry(each) for each in entries]}
        whole = Written(entries[0].call, "POST", "", body=sent, headers=(_JSON,))
        status, body = self._send(token, whole)
        if kind == "transaction":
            calls_ = [each.call for each in entries]
            return _judged(all_opened(known, calls_, self._day), status, _told(body))
        return self._batch(known, entries, status, body)

    def _batch(self, known: Holder, entries: list[Written], status: int, body: bytes) -> str:
        if status != 200:
            return _judged(opened(known, entries[0].call, self._day), status, _told(body))
        answers = orjson.loads(body)["entry"]
        wrong = (
            _judged(
                opened(known, each.call, self._day),
                int(answer["response"]["status"][:3]),
                _told(orjson.dumps(answer["response"].get("outcome", {}))),
            )
            for each, answer in zip(entries, answers, strict=True)
        )
        return next((one for one in wrong if one), "")

    def _send(self, token: str, asked: Written) -> tuple[int, bytes]:
        return self._loop.run_until_complete(self._sent(token, asked))

    async def _sent(self, token: str, asked: Written) -> tuple[int, bytes]:
        path = f"/fhir/{asked.path}" if asked.path else "/fhir"
        headers = [(b"host", b"hospital.test"), (b"authorization", f"Bearer {token}".encode())]
        headers += [(name.encode(), value.encode()) for name, value in asked.headers]
        scope: Json = {
            "type": "http",
            "http_version": "1.1",
            "method": asked.method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": asked.query.encode(),
            "headers": headers,
            "client": (PEER, 50_000),
        }
        body = b"" if asked.body is None else orjson.dumps(asked.body)
        messages: list[Any] = []

        async def receive() -> Json:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            messages.append(message)

        await self._app(scope, receive, send)
        return messages[0]["status"], b"".join(part.get("body", b"") for part in messages[1:])


def _entry(each: Written) -> Json:
    """Return a call as an entry of a Bundle; a patch travels in a Binary."""
    wanted = dict(each.headers).get("if-none-exist")
    conditions = {} if wanted is None else {"ifNoneExist": wanted}
    url = f"{each.path}?{each.query}" if each.query else each.path
    made: Json = {"request": {"method": each.method, "url": url, **conditions}}
    if isinstance(each.body, list):
        data = orjson.dumps(each.body)
        binary = {"resourceType": "Binary", "contentType": "application/json-patch+json"}
        made["resource"] = {**binary, "data": b64encode(data).decode()}
    elif each.body is not None:
        made["resource"] = each.body
    return made


def _told(body: bytes) -> bool | None:
    """Tell whether a body is the refusal of level 3; None without one."""
    return _REFUSAL.encode() in body if body else None


def _judged(due: bool, status: int, refusal: bool | None) -> str:  # noqa: FBT001 - what is due and what came
    refused = status == 403 and refusal is not False
    if due and refused:
        return "refused although it is open"
    if not due and not refused:
        return f"status {status}, although it is not open"
    return ""
