"""A long sweep keeps its tokens: each is asked for with an assertion signed then, between two cells."""

import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from zoo.server import BUNDLE

from lab.load.arrival import Arrival
from lab.load.routes import BUNDLE as A_BUNDLE
from lab.load.target import Persona, Signer, TokenRequest
from lab.scaling.cell import CONTROL, Cell, from_json
from lab.scaling.plan import Round
from lab.scaling.rounds import plan_of

KEY = ec.generate_private_key(ec.SECP384R1())
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
PLAYER = "from lab.scaling import player; player.RENEW_S = {}; player.main()"
CELLS = 3


class Guarded(BaseHTTPRequestHandler):
    """Grants a token for an assertion that was never seen; only the latest one opens."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        """Grant a token."""
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        claims = jwt.decode(
            form["client_assertion"][0], KEY.public_key(), ["ES384"], audience=self.server.url + "/token"
        )
        self.server.granted.append(claims["jti"])
        self.answer(200, {"access_token": claims["jti"], "token_type": "bearer"})

    def do_GET(self):
        """Serve who shows the latest token."""
        open_ = self.path.startswith("/open")
        known = self.headers.get("Authorization") == f"Bearer {(self.server.granted or [''])[-1]}"
        self.answer(200 if open_ or known else 401, BUNDLE)

    def answer(self, status, body):
        """Send one JSON answer."""
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def guarded():
    """Run a guarded server for the length of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Guarded)
    server.url, server.granted = f"http://127.0.0.1:{server.server_address[1]}", []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(("renew_s", "tokens"), [(0, 1 + CELLS), (120, 1)])
def test_tokens_are_renewed_between_cells_with_assertions_signed_when_they_leave(renew_s, tokens):
    with guarded() as server:
        signer = Signer("client", f"{server.url}/token", PEM, "kid")
        persona = Persona("full", token=TokenRequest((("grant_type", "client_credentials"),), signer=signer))
        asked = Arrival("read", "Patient", "full", A_BUNDLE)
        open_ = Arrival(CONTROL, CONTROL, CONTROL, A_BUNDLE)
        one = Round(
            repetition=0,
            seed=1,
            cell_s=0.02,
            cell_requests=5,
            drift=1e9,
            cells=(Cell(0, CONTROL, 1), Cell(250, "read", 2), Cell(0, CONTROL, 1)) * CELLS,
            targets={
                0: plan_of(f"{server.url}/open", (Persona(CONTROL),), (open_,), seed=1),
                250: plan_of(server.url, (persona,), (asked,), seed=1, token_url=f"{server.url}/token"),
            },
        )
        played = subprocess.run(
            [sys.executable, "-c", PLAYER.format(renew_s)],
            input=one.to_json(),
            capture_output=True,
            timeout=120,
            check=True,
        )
    cells = [from_json(line) for line in played.stdout.splitlines()]
    assert len(cells) == 3 * CELLS
    assert all(cell.service_us and not cell.wrong for cell in cells)
    assert len(server.granted) == len(set(server.granted)) == tokens
