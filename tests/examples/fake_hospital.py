"""A small strict hospital on a real port: token server, FHIR searches with pages, faults on command."""

import json
import re
import secrets
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from fake_script import Fault, Seen
from fake_search import SEARCHES, matches, outcome
from jwt.algorithms import ECAlgorithm

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class FakeHospital:
    """State of the hospital; tests change it while it serves."""

    def __init__(self) -> None:
        self.origin = ""
        self.client_id = "tableau-urgences"
        self.private, self.public = dict(_KEYS[0]), dict(_KEYS[1])
        self.resources: dict[str, dict[str, dict]] = {}
        self.tokens: dict[str, dict] = {}
        self.jtis: set[str] = set()
        self.granted: str | None = None
        self.expires_in = 300
        self.page_size = 100
        self.pages: dict[str, tuple[list, str]] = {}
        self.faults: list[Fault] = []
        self.seen: list[Seen] = []
        self.assertions: list[tuple[dict, dict]] = []
        self.extra_entries: list[dict] = []
        self.next_override: Callable[[str], str] | None = None
        self.stamp_bundles = True

    @property
    def base(self) -> str:
        """Return the FHIR base."""
        return f"{self.origin}/fhir"

    def put(self, *resources: dict) -> None:
        """Store resources, stamped as changed now unless they say otherwise."""
        for resource in resources:
            resource.setdefault("meta", {}).setdefault("lastUpdated", now())
            resource["meta"].setdefault("versionId", "1")
            self.resources.setdefault(resource["resourceType"], {})[resource["id"]] = resource

    def grant(self, client_id: str, scope: str, **facts: Any) -> str:
        """Return a token of that application, in force for five minutes."""
        token = secrets.token_urlsafe(24)
        self.tokens[token] = {"client_id": client_id, "scope": scope, "exp": int(time.time()) + 300, **facts}
        return token

    def asked(self, path: str = "/fhir/", method: str = "") -> list[Seen]:
        """Return the FHIR requests so far, discovery left out."""
        return [
            one
            for one in self.seen
            if path in one.path and one.method.startswith(method) and not _DISCOVERY.search(one.path)
        ]


_DISCOVERY = re.compile(r"/\.well-known/|/metadata$")


def new_key(kid: str) -> tuple[dict, dict]:
    key = ec.generate_private_key(ec.SECP384R1())
    private, public = (
        ECAlgorithm.to_jwk(key, as_dict=True),
        ECAlgorithm.to_jwk(key.public_key(), as_dict=True),
    )
    return {**private, "kid": kid}, {**public, "kid": kid}


_KEYS = new_key("k1")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet per answer: no wait for a delayed acknowledgement
    hospital: FakeHospital

    def log_message(self, *_: object) -> None:
        return

    def do_GET(self) -> None:
        self._serve("")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())

    def _serve(self, body: str) -> None:
        split = urlsplit(self.path)
        seen = Seen(
            self.command,
            split.path,
            dict(parse_qsl(split.query)),
            dict(parse_qsl(body)),
            {name.lower(): value for name, value in self.headers.items()},
            time.monotonic(),
        )
        self.hospital.seen.append(seen)
        fault = next((f for f in self.hospital.faults if f.on in split.path and f.times > 0), None)
        if fault is not None:
            fault.times -= 1
            fault.then()
            seen.status = fault.status
            self._fail(fault)
            return
        seen.status, content, headers = self._answer(seen)
        self._send(seen.status, json.dumps(content).encode() if content is not None else b"", headers)

    def _fail(self, fault: Fault) -> None:
        if fault.reset:
            self.close_connection = True
            self.connection.close()
        elif fault.cut:
            body = json.dumps({"resourceType": "Bundle", "entry": []}).encode()
            self._send(200, body[: len(body) // 2], {}, claimed=len(body))
            self.close_connection = True
        else:
            self._send(fault.status, fault.body, fault.headers)

    def _send(self, status: int, body: bytes, headers: dict, claimed: int | None = None) -> None:
        self.send_response_only(status)
        given = {"Date": format_datetime(datetime.now(UTC), usegmt=True), **headers}
        given |= {"Content-Length": str(len(body) if claimed is None else claimed)} if status != 304 else {}
        for name, value in given.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, seen: Seen) -> tuple[int, Any, dict]:
        match seen.path:
            case "/fhir/.well-known/smart-configuration":
                origin = self.hospital.origin
                endpoints = {
                    "token_endpoint": f"{origin}/oauth/token",
                    "introspection_endpoint": f"{origin}/oauth/introspect",
                }
                return 200, endpoints, {}
            case "/oauth/token":
                return self._token(seen)
            case "/oauth/introspect":
                if self._refused(seen, "/oauth/introspect"):
                    return 401, {"error": "invalid_client"}, {}
                facts = self.hospital.tokens.get(seen.form.get("token", ""))
                return 200, {"active": True, **facts} if facts else {"active": False}, {}
        token = seen.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.hospital.tokens:
            return 401, outcome("login"), {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        return self._fhir(seen)

    def _refused(self, seen: Seen, path: str) -> bool:
        """Verify the client assertion as a strict token server does."""
        hospital = self.hospital
        form = seen.form
        if seen.method != "POST" or form.get("client_assertion_type") != ASSERTION_TYPE:
            return True
        assertion = form.get("client_assertion", "")
        try:
            header = jwt.get_unverified_header(assertion)
            claims = jwt.decode(
                assertion, jwt.PyJWK(hospital.public, "ES384"), ["ES384"], audience=f"{hospital.origin}{path}"
            )
        except jwt.PyJWTError:
            return True
        hospital.assertions.append((header, claims))
        known = claims["jti"] in hospital.jtis
        hospital.jtis.add(claims["jti"])
        late = claims["exp"] > time.time() + 301
        return known or late or not claims["iss"] == claims["sub"] == hospital.client_id

    def _token(self, seen: Seen) -> tuple[int, Any, dict]:
        hospital = self.hospital
        if seen.form.get("grant_type") != "client_credentials" or self._refused(seen, "/oauth/token"):
            return 400, {"error": "invalid_client"}, {}
        scope = hospital.granted or seen.form.get("scope", "")
        token = hospital.grant(hospital.client_id, scope)
        answer = {
            "access_token": token,
            "token_type": "bearer",
            "expires_in": hospital.expires_in,
            "scope": scope,
        }
        return 200, answer, {}

    def _fhir(self, seen: Seen) -> tuple[int, Any, dict]:
        parts = seen.path.removeprefix("/fhir/").split("/")
        held = self.hospital.resources
        if seen.method not in {"GET", "POST"}:
            return 405, outcome("not-supported"), {}
        if parts[0] == "pages":
            return self._page(*self.hospital.pages[parts[1]])
        if parts[-1] == "_search" or len(parts) == 1:
            return self._search(parts[0], seen)
        resource = held.get(parts[0], {}).get(parts[1])
        if resource is None:
            return 404, outcome("not-found"), {}
        etag = f'W/"{resource["meta"]["versionId"]}"'
        if seen.headers.get("if-none-match") == etag:
            return 304, None, {"ETag": etag}
        return 200, resource, {"ETag": etag}

    def _search(self, type_: str, seen: Seen) -> tuple[int, Any, dict]:
        asked = {name: value for name, value in seen.parameters.items() if name != "_count"}
        if not asked or not set(asked) <= SEARCHES.get(type_, set()):
            return 400, outcome("not-supported"), {}
        found = [r for r in self.hospital.resources.get(type_, {}).values() if matches(r, asked)]
        return self._page([{"resource": r, "search": {"mode": "match"}} for r in found], seen.path)

    def _page(self, entries: list, path: str) -> tuple[int, Any, dict]:
        hospital = self.hospital
        links = [{"relation": "self", "url": f"{hospital.origin}{path}?class&_lastUpdated&_id&location"}]
        if len(entries) > hospital.page_size or hospital.next_override:
            cursor = secrets.token_urlsafe(8)
            hospital.pages[cursor] = entries[hospital.page_size :], path
            url = f"{hospital.base}/pages/{cursor}?k=%2F{secrets.token_hex(2)}"
            links.append(
                {"relation": "next", "url": hospital.next_override(url) if hospital.next_override else url}
            )
        shown = entries[: hospital.page_size] + hospital.extra_entries
        bundle = {"resourceType": "Bundle", "type": "searchset", "link": links, "entry": shown}
        if hospital.stamp_bundles:
            bundle["meta"] = {"lastUpdated": now()}
        return 200, bundle, {}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        return


@contextmanager
def fake_hospital(certificate: Path | None = None) -> Iterator[FakeHospital]:
    """Run a hospital for the length of the block, over TLS when given a PEM file of key and certificate."""
    hospital = FakeHospital()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"hospital": hospital}))
    scheme = "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        scheme = "https"
    hospital.origin = f"{scheme}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hospital
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
