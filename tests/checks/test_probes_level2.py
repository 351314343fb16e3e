"""The hardest judgements of level 2, on tiny servers: what is wrong is seen, what is right is not."""

import threading
import time
from dataclasses import replace

import jwt
import pytest
from tiny_callers import DENIED, KEY, client, endpoint, issued, published, right
from tiny_vendor import OUTCOME, Tiny, judged, living, usual, wired

from lab.checking.smart import SmartEndpoint
from lab.checks.security.forged import by_key, by_secret, claims_of, forged, public_pem, unsigned
from lab.engine.replay import ReplayWire
from lab.journal.journal import read_journal


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
