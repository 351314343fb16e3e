"""The hardest judgements of levels 1 and 2, on tiny servers: what is wrong is seen, what is right is not."""

import json
import socket
import ssl
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from probes_bench import truth_of
from tiny_vendor import OUTCOME, Tiny, judged, living, usual, wired

from lab.checking.keys import new_key
from lab.checking.smart import SmartEndpoint
from lab.checks.security.client_hello import client_hello, went_along
from lab.checks.security.confusable import confusable
from lab.checks.security.forged import by_key, by_secret, claims_of, forged, public_pem, unsigned
from lab.engine.replay import ReplayWire
from lab.fhir.client import FhirClient, Outgoing
from lab.fhir.reply import Reply
from lab.journal.journal import read_journal

KEY = new_key("laboratory")
REFUSED = (403, {}, OUTCOME)
DENIED = (400, {}, {"error": "invalid_client"})


def endpoint(tiny, wire, client_id="lab"):
    return SmartEndpoint(f"{tiny.base}/token", client_id, "system/*.rs", KEY.private, "laboratory", wire)


def client(tiny, wire, source="", token="t"):  # noqa: S107 - the token of a tiny vendor
    bearer = f"Bearer {token}" if token else ""
    return FhirClient(f"{tiny.base}/fhir", wire, lambda: bearer, source)


def truth(tiny, **server):
    known = truth_of(f"{tiny.base}/fhir")
    return replace(known, subject=replace(known.subject, server=replace(known.subject.server, **server)))


def issued(**more):
    return 200, {}, {"access_token": "t", "token_type": "bearer", "expires_in": 300, **more}


def right(form):
    """Verify a signature, and nothing else of an assertion."""
    key = jwt.PyJWK(KEY.public).key
    options = {f"verify_{name}": False for name in ("aud", "exp", "iat", "nbf")}
    try:
        return jwt.decode(form["client_assertion"], key, algorithms=["ES384"], options=options)
    except (jwt.PyJWTError, KeyError):
        return None


# --- level 1 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("networks", "first"),
    [
        (("127.0.0.1/32",), "127.0.0.10"),
        (("127.0.0.2/32", "127.0.0.20/32"), "127.0.0.21"),
        (("127.0.1.0/24",), "127.0.10.5"),
    ],
)
def test_an_address_outside_begins_like_one_inside(networks, first):
    found = confusable(networks)
    assert found[0] == first
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("networks", [("127.0.0.0/8",), ("0.0.0.0/0",), ("10.31.0.0/16",), ("::1/128",), ()])
def test_where_no_loopback_address_looks_like_one_inside_none_is_found(networks):
    assert confusable(networks) == ()


def test_what_means_something_else_is_spared():
    assert "127.0.0.10" not in confusable(("127.0.0.1/32",), frozenset({"127.0.0.10"}))


def by_text(path, _, peer):
    return (200, {}, usual(path)) if peer.startswith("127.0.0.1") else REFUSED


def by_address(path, _, peer):
    return (200, {}, usual(path)) if peer == "127.0.0.1" else REFUSED


@pytest.mark.parametrize(("fhir", "outcome"), [(by_text, "fail"), (by_address, "pass")])
def test_an_address_compared_as_a_text_is_seen(fhir, outcome, tmp_path):
    with living(Tiny(fhir)) as tiny, wired(tmp_path) as wire:
        known = truth(tiny, networks=("127.0.0.1/32",))
        assert judged("L1-06", fhir=client(tiny, wire), truth=known)[0] == outcome


def test_networks_that_are_not_declared_are_not_guessed(tmp_path):
    with living(Tiny(by_address)) as tiny, wired(tmp_path) as wire:
        assert judged("L1-06", fhir=client(tiny, wire), truth=truth(tiny))[0] == "skip"
        everything = truth(tiny, networks=("127.0.0.0/8",))
        assert judged("L1-06", fhir=client(tiny, wire), truth=everything)[0] == "omit"


def exposing(*paths):
    def fhir(path, headers, peer):
        return (200, {}, usual(path)) if path in paths else by_address(path, headers, peer)

    return fhir


@pytest.mark.parametrize(
    ("paths", "exposure", "outcome"),
    [
        ((), {}, "pass"),
        (("/health",), {}, "fail"),
        (("/health",), {"/health": 200}, "pass"),
        (("/fhir/metadata",), {}, "fail"),
        (("/fhir/metadata",), {"/fhir/metadata": 200}, "pass"),
        ((), {"/status": 200}, "fail"),
    ],
)
def test_each_path_answers_a_refused_address_as_declared(paths, exposure, outcome, tmp_path):
    with living(Tiny(exposing(*paths))) as tiny, wired(tmp_path) as wire:
        stranger = client(tiny, wire, "127.0.0.2")
        known = truth(tiny, exposure=exposure)
        end = judged("L1-12", fhir=client(tiny, wire), stranger=stranger, truth=known)
        assert end[0] == outcome, end


def believing(hop):
    """Return a server behind the proxy 127.0.0.9 that believes one hop of the chain."""

    def fhir(path, headers, peer):
        said = [one.strip() for one in headers.get("x-forwarded-for", "").split(",")]
        return by_address(path, headers, said[hop] if peer == "127.0.0.9" else peer)

    return fhir


@pytest.mark.parametrize(("hop", "outcome"), [(0, "fail"), (-1, "pass")])
def test_the_last_hop_decides(hop, outcome, tmp_path):
    with living(Tiny(believing(hop))) as tiny, wired(tmp_path) as wire:
        stranger = client(tiny, wire, "127.0.0.2")
        known = truth(tiny, trusted_proxy="127.0.0.9")
        end = judged("L1-04", fhir=client(tiny, wire), stranger=stranger, truth=known)
        assert end[0] == outcome, end


def test_a_proxy_that_may_not_call_shows_nothing(tmp_path):
    with living(Tiny(by_address)) as tiny, wired(tmp_path) as wire:
        stranger, own = client(tiny, wire, "127.0.0.2"), client(tiny, wire)
        declared = truth(tiny, trusted_proxy="127.0.0.9")
        assert judged("L1-04", fhir=own, stranger=stranger, truth=declared)[0] == "skip"
        assert judged("L1-04", fhir=own, stranger=stranger, truth=truth(tiny))[0] == "omit"


def test_whoever_stands_behind_must_not_answer_anybody(tmp_path):
    hidden = Tiny(lambda *_: (401, {}, {}))
    with living(Tiny(by_address)) as tiny, living(hidden) as behind, wired(tmp_path) as wire:
        parts = {"fhir": client(tiny, wire), "anonymous": client(tiny, wire, token="")}
        open_ = truth(tiny, upstream_url=f"{behind.base}/fhir")
        shut = truth(tiny, upstream_url="http://127.0.0.3:9/fhir")
        unknown = truth(tiny, upstream_url="http://lab-no-such-host.invalid/fhir")
        ends = [judged("L1-13", **parts, truth=one)[0] for one in (open_, shut, unknown, truth(tiny))]
    assert ends == ["fail", "pass", "skip", "omit"]


# --- level 2: tokens ------------------------------------------------------------------------------------


def careful(checks=()):
    """Return a token endpoint that verifies the signature, and these claims."""
    used = set()

    def token(form):
        claims = right(form)
        now = time.time()
        wrong = {
            "none": claims is None,
            "exp": claims and not now < claims["exp"] <= now + 300,
            "jti": claims and claims["jti"] in used,
            "sub": claims and claims["iss"] != claims["sub"],
            "aud": claims and claims.get("aud") != tiny_of["token"],
        }
        if claims:
            used.add(claims["jti"])
        return DENIED if any(wrong[name] for name in ("none", *checks)) else issued()

    tiny_of = {}
    return token, tiny_of


@pytest.mark.parametrize(
    ("id_", "check"),
    [("L2-09", "exp"), ("L2-10", "exp"), ("L2-12", "aud"), ("L2-13", "aud"), ("L2-15", "jti")],
)
def test_a_claim_that_is_not_checked_is_seen(id_, check, tmp_path):
    for checks, outcome in ((("exp", "jti", "sub", "aud"), "pass"), (("sub",), "fail")):
        token, where = careful(checks)
        with living(Tiny(token=token)) as tiny, wired(tmp_path) as wire:
            where["token"] = f"{tiny.base}/token"
            end = judged(id_, endpoint=endpoint(tiny, wire))
            assert end[0] == outcome, (check, end)


def test_a_minute_of_leeway_is_a_remark_only(tmp_path):
    def token(form):
        claims = right(form)
        return issued() if claims and claims["exp"] > time.time() - 120 else DENIED

    with living(Tiny(token=token)) as tiny, wired(tmp_path) as wire:
        assert judged("L2-09", endpoint=endpoint(tiny, wire))[0] == "warning"


@pytest.mark.parametrize("id_", ["L2-03", "L2-04", "L2-05", "L2-06", "L2-08", "L2-09", "L2-17", "L2-18"])
@pytest.mark.parametrize("refusal", [(429, {}, {}), (401, {}, {"error": "invalid_client"}), (500, {}, {})])
def test_an_endpoint_that_gives_no_token_shows_nothing(id_, refusal, tmp_path):
    with living(Tiny(token=lambda _: refusal)) as tiny, wired(tmp_path) as wire:
        assert judged(id_, endpoint=endpoint(tiny, wire))[0] == "skip"


def test_a_server_that_breaks_has_refused_nothing(tmp_path):
    def token(form):
        return issued() if right(form) else (500, {}, {})

    with living(Tiny(token=token)) as tiny, wired(tmp_path) as wire:
        assert judged("L2-05", endpoint=endpoint(tiny, wire))[0] == "fail"


def test_forged_assertions_are_what_they_claim():
    known = SmartEndpoint("http://127.0.0.1:9/token", "lab", "", KEY.private, "laboratory", None)
    claims = claims_of(known)
    assert claims["iss"] == claims["sub"] == "lab"
    assert claims_of(known)["jti"] != claims["jti"]
    key = jwt.PyJWK(KEY.public).key
    own = forged({"alg": "ES384"}, claims, by_key(KEY.private))
    assert jwt.decode(own, key, algorithms=["ES384"], options={"verify_aud": False}) == claims
    assert forged({"alg": "none"}, claims, unsigned).endswith(".")
    secret = b"a secret that is long enough for HS256"
    shared = forged({"alg": "HS256"}, claims, by_secret(secret))
    assert jwt.decode(shared, secret, algorithms=["HS256"], options={"verify_aud": False}) == claims
    assert public_pem(KEY.private).startswith(b"-----BEGIN PUBLIC KEY-----")


@pytest.mark.parametrize("atomic", [True, False])
def test_a_race_is_won_once_only_where_looking_and_taking_are_one(atomic, tmp_path):
    used, lock = set(), threading.Lock()

    def token(form):
        claims = right(form)
        with lock if atomic else threading.Lock():
            known = claims["jti"] in used
            time.sleep(0 if atomic else 0.01)
            used.add(claims["jti"])
        return DENIED if known else issued()

    with living(Tiny(token=token)) as tiny, wired(tmp_path) as wire:
        known = endpoint(tiny, wire)
        live = judged("L2-16", endpoint=known, spare=known)
        again = judged("L2-15", endpoint=known)
    assert live[0] == ("pass" if atomic else "fail")
    assert again[0] == "pass"
    recorded = list(read_journal(tmp_path / "journal.jsonl"))
    assert len(recorded) == 53
    offline = replace(known, wire=ReplayWire(recorded))
    assert judged("L2-16", endpoint=offline, spare=offline) == live


def limiting(whom, retry):
    """Return a token endpoint that limits after ten wrong assertions: of one client, of all, of nobody."""
    wrong = {}

    def token(form):
        claimed = jwt.decode(form["client_assertion"], options={"verify_signature": False})["iss"]
        key = claimed if whom == "one" else "all"
        if whom != "nobody" and wrong.get(key, 0) >= 10:
            if retry == "1":  # slowed down: it goes on after the wait
                wrong[key] = 0
            return 429, {"Retry-After": retry}, {"error": "slow_down"}
        if right(form):
            return issued()
        wrong[key] = wrong.get(key, 0) + 1
        return DENIED

    return token


@pytest.mark.parametrize(
    ("whom", "retry", "outcome"),
    [("one", "60", "pass"), ("all", "1", "pass"), ("all", "60", "fail"), ("nobody", "60", "fail")],
)
def test_guesses_are_limited_without_locking_others_out(whom, retry, outcome, tmp_path):
    with living(Tiny(token=limiting(whom, retry))) as tiny, wired(tmp_path) as wire:
        own, spare = endpoint(tiny, wire), endpoint(tiny, wire, "spare")
        end = judged("L2-31", endpoint=own, spare=spare)
        assert end[0] == outcome, end
        assert judged("L2-31", endpoint=own, spare=None)[0] == "skip"


def lasting(seconds, *, ends=True):
    """Return the two halves of a server whose tokens last so long, or say so."""
    until = {}

    def token(form):
        life = min(seconds, int(form.get("expires_in", seconds)))
        name = f"t{len(until)}"
        until[name] = time.monotonic() + life
        return issued(access_token=name, expires_in=life)

    def fhir(path, headers, _):
        name = headers.get("authorization", "").removeprefix("Bearer ")
        known = name == "t" or until.get(name, 0) > time.monotonic()
        return (200, {}, usual(path)) if known or not ends else (401, {}, OUTCOME)

    return Tiny(fhir, token)


def test_a_token_that_outlives_its_end_is_seen(tmp_path):
    def outcome(tiny):
        with living(tiny), wired(tmp_path) as wire:
            return judged("L2-21", restricted=client(tiny, wire), endpoint=endpoint(tiny, wire))

    assert outcome(lasting(300))[0] == "pass"
    assert outcome(lasting(300, ends=False))[0] == "fail"
    deaf = lasting(300)
    deaf.token = lambda _: issued()
    assert outcome(deaf)[0] == "skip"
    silent = lasting(300)
    silent.token = lambda _: (200, {}, {"access_token": "t"})
    assert outcome(silent)[0] == "fail"
    long = lasting(300)
    long.token = lambda _: issued(expires_in=86_400)
    assert outcome(long)[0] == "skip"


def published(path, token):
    """Answer for a server that publishes a revocation endpoint, or nothing."""
    if path.endswith("smart-configuration"):
        return 200, {}, token
    return 200, {}, usual(path)


@pytest.mark.parametrize(
    ("said", "outcome"),
    [({}, "omit"), ({"revocation_endpoint": "https://lab-elsewhere.example/revoke"}, "skip")],
)
def test_a_token_is_revoked_nowhere_else(said, outcome, tmp_path):
    tiny = Tiny(lambda path, *_: published(path, said), lambda _: issued())
    with living(tiny), wired(tmp_path) as wire:
        end = judged("L2-22", restricted=client(tiny, wire), endpoint=endpoint(tiny, wire))
    assert end[0] == outcome
    assert "/revoke" not in tiny.asked


def test_a_token_bound_to_a_key_is_not_for_whoever_has_it(tmp_path):
    def bound(path, headers, _):
        alone = headers.get("authorization") == "Bearer bound"
        return (401, {}, OUTCOME) if alone or "DPoP" in str(headers) else published(path, {})

    ends = []
    for fhir, kind in ((bound, "DPoP"), (lambda path, *_: published(path, {}), "DPoP"), (bound, "bearer")):
        tiny = Tiny(fhir, lambda _, kind=kind: (200, {}, {"access_token": "bound", "token_type": kind}))
        with living(tiny), wired(tmp_path) as wire:
            ends.append(judged("L2-28", restricted=client(tiny, wire), endpoint=endpoint(tiny, wire))[0])
    assert ends == ["pass", "fail", "omit"]


# --- level 2: transport ---------------------------------------------------------------------------------


def certificate(folder):
    key = rsa.generate_private_key(65_537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    dates = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2044, 1, 1, tzinfo=UTC))
    signed = x509.CertificateBuilder(name, name, key.public_key(), 1, *dates).sign(key, SHA256())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = folder / "tls.pem"
    file.write_bytes(pem + signed.public_bytes(Encoding.PEM))
    return file


def serving_tls(file, lowest, stop):
    """Serve handshakes only, from a lowest version up; return the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = lowest
    context.load_cert_chain(file)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)

    def run():
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            connection.settimeout(2)
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()
        listener.close()

    thread = threading.Thread(target=run)
    thread.start()
    return listener.getsockname()[1], thread


class Trusting:
    """A wire to which a certificate of a test is as good as a real one; what is raw goes out."""

    def __init__(self, wire):
        self.wire = wire

    def send(self, request):
        """Answer what would need the certificate."""
        if request.raw is not None:
            return self.wire.send(request)
        return Reply("L-0", 404 if request.url.endswith("smart-configuration") else 200)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    ("lowest", "outcome"), [(ssl.TLSVersion.TLSv1, "fail"), (ssl.TLSVersion.TLSv1_2, "pass")]
)
def test_an_abandoned_version_of_tls_is_seen(lowest, outcome, tmp_path):
    stop = threading.Event()
    port, thread = serving_tls(certificate(tmp_path), lowest, stop)
    try:
        with wired(tmp_path) as wire:
            anonymous = FhirClient(f"https://127.0.0.1:{port}/fhir", Trusting(wire))
            known = truth_of(anonymous.base_url)
            live = judged("L2-32", anonymous=anonymous, truth=known)
    finally:
        stop.set()
        thread.join()
    assert live[0] == outcome, live
    if outcome == "fail":
        assert "TLS 1.1" in live[1]
    replayed = ReplayWire(read_journal(tmp_path / "journal.jsonl"))
    offline = replace(anonymous, wire=Trusting(replayed))
    assert judged("L2-32", anonymous=offline, truth=known) == live


def test_plain_http_is_for_this_machine_only(tmp_path):
    with wired(tmp_path) as wire:
        for base, outcome in (("http://127.0.0.1:9/fhir", "omit"), ("http://192.0.2.1:9/fhir", "fail")):
            anonymous = FhirClient(base, Trusting(wire))
            assert judged("L2-32", anonymous=anonymous, truth=truth_of(base))[0] == outcome


@pytest.mark.parametrize(
    ("url", "outcome"),
    [
        ("http://vendor.example/token", "fail"),
        ("https://vendor.example/token", "omit"),
        ("http://127.0.0.1/token", "omit"),
    ],
)
def test_an_address_published_for_clients_elsewhere_is_https(url, outcome, tmp_path):
    tiny = Tiny(lambda path, *_: published(path, {"token_endpoint": url}))
    with living(tiny), wired(tmp_path) as wire:
        end = judged("L2-32", anonymous=client(tiny, wire, token=""), truth=truth(tiny))
    assert end[0] == outcome


def test_http_at_the_port_of_https_is_seen(tmp_path):
    with living(Tiny(lambda path, *_: (200, {}, usual(path)))) as tiny, wired(tmp_path) as wire:
        base = tiny.base.replace("http:", "https:") + "/fhir"
        end = judged("L2-32", anonymous=FhirClient(base, Trusting(wire)), truth=truth_of(base))
    assert end[0] == "fail"
    assert "plain HTTP" in end[1]


def test_a_greeting_is_answered_by_a_handshake_or_an_alert():
    assert client_hello(b"\x03\x02")[:3] == b"\x16\x03\x02"
    assert went_along(b"\x16\x03\x02\x00\x05")
    assert not went_along(b"\x15\x03\x02\x00\x02\x02\x46")
    assert not went_along(b"")


# --- the wire -------------------------------------------------------------------------------------------


def test_requests_at_once_are_answered_in_their_order(tmp_path):
    with living(Tiny(lambda path, *_: (200, {}, {"path": path}))) as tiny, wired(tmp_path) as wire:
        asked = [Outgoing("GET", f"{tiny.base}/fhir/{n}", (("Accept", "*/*"),)) for n in range(20)]
        asked.append(Outgoing("GET", "http://127.0.0.1:9/fhir/nobody"))
        replies = wire.send_at_once(asked)
    assert [json.loads(reply.body)["path"] for reply in replies[:-1]] == [f"/fhir/{n}" for n in range(20)]
    assert replies[-1].status == 0
    recorded = list(read_journal(tmp_path / "journal.jsonl"))
    assert [one.id for one in recorded] == [reply.exchange for reply in replies]
    assert ReplayWire(recorded).send_at_once(asked) == replies
