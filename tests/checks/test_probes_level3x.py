"""The ground of the level 3 and cross-level probes: scopes, raw messages, the lookout; and their fairness."""

import contextlib
import datetime as dt
import json
import socket
import ssl
import struct
import threading
import zlib
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hostile_server import serving
from probes_bench import trying

from lab.checking.expect import Expect, NotApplicable, NotShown
from lab.checking.lookout import CALLS, OUTPUT
from lab.checking.narrowing import narrowed
from lab.checks.security.granted import beyond, whole_rights
from lab.checks.security.oversized import _bomb
from lab.checks.security.raw_request import answers
from lab.engine import wire as engine_wire
from lab.engine.lookout import listening
from lab.engine.plan import Access
from lab.engine.replay import ReplayWire
from lab.engine.tokens import TokenSource
from lab.engine.wire import LiveWire
from lab.fhir.client import FhirClient, Outgoing
from lab.fhir.reply import Reply
from lab.journal.journal import Journal, read_journal
from lab.journal.redact import Redactor

FHIR = {"Content-Type": "application/fhir+json"}


@pytest.mark.parametrize(
    ("granted", "wider"),
    [
        ("system/Patient.rs", []),
        ("system/Patient.sr", []),
        ("system/Patient.read", []),
        ("system/Patient.rs openid", []),
        ("system/Observation.rs?category=laboratory", []),
        ("system/Patient.cruds", ["system/Patient.cruds"]),
        ("system/*.rs", ["system/*.rs"]),
        ("system/Condition.rs?code=x", ["system/Condition.rs?code=x"]),
        ("user/Patient.rs", ["user/Patient.rs"]),
        ("system/Patient.rx", ["system/Patient.rx"]),
    ],
)
def test_what_goes_beyond_the_registered_scopes(granted, wider):
    assert beyond(granted, "system/Patient.rs system/Observation.rs") == wider


def test_scopes_are_read_in_any_order_of_letters():
    assert whole_rights("system/Patient.sr nonsense") == {("Patient", "r"), ("Patient", "s")}


def test_answers_are_counted_on_one_connection():
    one = b'{"text":"HTTP/1.1 200 is what it said"}'
    assert answers(Reply("", 200, body=one)) == 1
    assert answers(Reply("", 400, body=one + b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) == 2
    assert answers(Reply("", 0)) == 0


def test_the_bomb_is_small_and_is_large_once_unpacked():
    assert len(_bomb()) < 1_000_000
    assert len(zlib.decompress(_bomb(), wbits=31)) == 100_000_000


# --- tokens with fewer scopes ---------------------------------------------------------------------------


def _asking(base, wire):
    access = Access(f"{base}/token", "lab", "system/Patient.r", secret="s")  # noqa: S106 - of nobody
    return lambda scopes: FhirClient(base, wire, TokenSource(f"restricted {scopes}", access, wire))


@pytest.fixture
def wire(tmp_path):
    """A wire that records."""
    record = Journal(tmp_path / "j.jsonl", "L")
    live = LiveWire(record, Redactor(bytes(32)), "", "")
    yield live
    live.close()
    record.close()


@pytest.mark.parametrize(
    ("status", "scope", "end"),
    [(200, "system/Patient.r", None), (200, "system/Patient.rs", NotApplicable), (400, "", NotApplicable)],
)
def test_the_token_with_fewer_scopes_is_judged_by_what_was_granted(status, scope, end, wire, tmp_path):
    body = json.dumps({"access_token": "t", "scope": scope, "expires_in": 300}).encode()

    def used(base, carrier):
        token = narrowed(_asking(base, carrier), "system/Patient.r")
        holds = ("Patient", "s") in whole_rights(token.granted)
        return token.needed(Expect(), but="Patient.s" if holds else "")

    with serving(lambda *_: (status, {"Content-Type": "application/json"}, body)) as base:
        for replay in (False, True):
            carrier = ReplayWire(read_journal(tmp_path / "j.jsonl")) if replay else wire
            if end is None:
                assert used(base, carrier).authorization()
            else:
                with pytest.raises(end):
                    used(base, carrier)


def test_a_token_endpoint_that_breaks_down_is_no_refusal(wire):
    with serving(lambda *_: (500, {}, b"")) as base, pytest.raises(NotShown):
        narrowed(_asking(base, wire), "system/Patient.r")


# --- raw messages and the lookout -----------------------------------------------------------------------


def test_an_answer_before_a_reset_is_read(wire):
    listener = socket.create_server(("127.0.0.1", 0))

    def refuse():
        connection, _ = listener.accept()
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        connection.recv(1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    thread = threading.Thread(target=refuse)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    reply = wire.send(Outgoing("GET", url, raw=b"GET / HTTP/1.1\r\n\r\n" + b"x" * 1000))
    thread.join()
    listener.close()
    assert reply.status == 400


def _certified(folder):
    """Return files of a certificate of 127.0.0.1 that signs itself, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    begin = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + dt.timedelta(days=3))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "c.pem").write_bytes(made.public_bytes(Encoding.PEM))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "k.pem").write_bytes(pem)
    return folder / "c.pem", folder / "k.pem"


@pytest.mark.parametrize(("trusted", "status"), [(True, 400), (False, 0)])
def test_a_raw_message_goes_over_tls(trusted, status, wire, tmp_path, monkeypatch):
    certificate, key = _certified(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)

    def refuse():
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            connection.recv(100)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            connection.close()

    thread = threading.Thread(target=refuse)
    thread.start()
    if trusted:
        monkeypatch.setattr(engine_wire, "_trust", lambda: ssl.create_default_context(cafile=certificate))
    url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
    reply = wire.send(Outgoing("GET", url, raw=b"GET / HTTP/1.1\r\n\r\n"))
    thread.join()
    listener.close()
    assert reply.status == status
    assert trusted or "certificate refused" in reply.error


def test_the_lookout_remembers_who_called_and_reads_the_output(tmp_path):
    log = tmp_path / "application.log"
    log.write_bytes(b"one\nwith lab-mark\nlab-mark alone\n")
    with listening(str(log)) as url:
        assert httpx.get(f"{url}/lure?x=1", trust_env=False).status_code == 404
        assert httpx.get(f"{url}/{CALLS}", trust_env=False).json() == {"calls": ["GET /lure"]}
        said = httpx.get(f"{url}/{OUTPUT}?mark=lab-mark", trust_env=False).json()
    assert said == {"captured": True, "lines": ["with lab-mark", "lab-mark alone"]}


# --- fairness ---------------------------------------------------------------------------------------------

CODES = ("read", "search-type")
STATEMENT = {
    "resourceType": "CapabilityStatement",
    "rest": [
        {
            "mode": "server",
            "resource": [{"type": "Patient", "interaction": [{"code": code} for code in CODES]}],
        }
    ],
}
PATIENT = {"resourceType": "Patient", "id": "a", "active": True}


def _plain(headers=(), elsewhere=(404, b"{}")):
    """Serve one patient, correctly, with more headers on everything; ``elsewhere`` is what else answers."""

    def answer(_, path):
        asked = urlsplit(path).path.removeprefix("/fhir").strip("/")
        body = {
            "metadata": STATEMENT,
            "Patient": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": PATIENT}]},
            "Patient/a": PATIENT,
        }.get(asked)
        status, data = (200, json.dumps(body).encode()) if body else elsewhere
        return status, {**FHIR, **dict(headers)}, data

    return answer


@pytest.mark.parametrize(
    ("probe", "answer", "outcome"),
    [
        ("X-15", _plain(), "pass"),
        ("X-15", _plain([("Access-Control-Allow-Origin", "*")]), "pass"),
        ("X-15", _plain([("Access-Control-Allow-Origin", "null")]), "fail"),
        ("X-12", _plain(), "pass"),
        ("X-12", _plain([("Server", "nginx")]), "warning"),
        ("X-12", _plain(elsewhere=(500, b'  File "/srv/app.py", line 3, in f')), "fail"),
        ("X-12", _plain(elsewhere=(500, b"at org.acme.Fhir.read(Fhir.java:12)")), "fail"),
        ("X-12", _plain(elsewhere=(400, b'{"diagnostics":"Error at line 3: not a date"}')), "pass"),
        ("X-17", _plain(), "pass"),
        ("X-17", _plain(elsewhere=(401, b"{}")), "pass"),
        ("X-05", _plain(), "pass"),
    ],
)
def test_a_correct_server_of_another_make_is_not_accused(probe, answer, outcome, tmp_path):
    with serving(answer) as base, trying(base, tmp_path) as run:
        end = run(probe)
    assert end.outcome == outcome, end.details


def test_one_page_for_every_path_is_no_door(tmp_path):
    def answer(method, path):
        if path.startswith("/fhir"):
            return _plain()(method, path)
        return 200, {"Content-Type": "text/html"}, b"<html>The same page</html>"

    with serving(answer) as base, trying(base, tmp_path) as run:
        assert run("X-17").outcome == "pass"


def test_an_open_reset_is_a_door(tmp_path):
    def answer(method, path):
        return (200, {}, b"done") if path == "/reset" else _plain()(method, path)

    with serving(answer) as base, trying(base, tmp_path) as run:
        assert run("X-17").outcome == "fail"


def test_a_server_that_calls_what_it_is_told_to_is_seen(tmp_path):
    def answer(method, path):
        if "_profile=" in path:
            httpx.get(path.partition("_profile=")[2].partition("&")[0], trust_env=False)
        return _plain()(method, path)

    with serving(answer) as base, trying(base, tmp_path) as run:
        end = run("X-05")
    assert end.outcome == "fail"
    assert "GET /profile" in end.details[0].en
