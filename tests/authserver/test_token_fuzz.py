"""Whatever is sent to the token server: never a failure, never a token without the one sound assertion."""

import base64
import json
import time
import uuid
from urllib.parse import urlencode

import jwt
import pytest
from assertion_bench import EC_KEY, RSA_KEY, assertion, claims, registry
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from token_bench import serving

from lab.authserver.application import ASSERTION_TYPE
from lab.authserver.rate_limit import Rate

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ERRORS = {
    (400, b'{"error":"invalid_request"}'),
    (400, b'{"error":"invalid_scope"}'),
    (400, b'{"error":"unsupported_grant_type"}'),
    (401, b'{"error":"invalid_client"}'),
    (404, b'{"error":"not_found"}'),
    (413, b'{"error":"invalid_request"}'),
}
BOUNDED = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**63, -(2**63), 10**400, 0, -1]),
    st.floats(),
    st.text(st.characters(codec=None), max_size=8),  # lone surrogates too
    st.sampled_from(["app", "other", "laboratory", "ec", "x" * 5000, "ES384", "none", "\ud800"]),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
HEADER_NAMES = ("alg", "kid", "typ", "jku", "jwk", "x5c", "x5u", "crit", "b64", "cty", "zip", "enc", "p2c")


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """A token server that judges every assertion: who guesses is slowed down elsewhere."""
    folder = tmp_path_factory.mktemp("tokens")
    with serving(folder, registry(), wrong_rate=Rate(1e6, 1_000_000)) as running:
        yield running


CLAIM_NAMES = ("iss", "sub", "aud", "exp", "jti", "iat", "nbf", "scope", "client_id")


def segment(data):
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(header, body):
    """Sign whatever it is with the registered key, without a library that would refuse to."""
    said = f"{segment(header)}.{segment(body)}"
    algorithm = jwt.get_algorithm_by_name("ES384")
    return f"{said}.{segment(algorithm.sign(said.encode(), EC_KEY))}"


def past(date, now):
    """Tell whether a claim is a number, and no date to come."""
    return type(date) in {int, float} and float("-inf") < date <= now


def sound(headers, changed):
    """Tell whether a signed assertion with these changes still says what it must."""
    now, right = time.time(), claims()
    seen = {**right, **changed}
    header = {"alg": "ES384", "kid": "ec", "typ": "JWT", **headers}
    unharmed = {"alg": "ES384", "kid": "ec"}.items() <= header.items() and "jku" not in header
    same = all(type(seen[name]) is str and seen[name] == right[name] for name in ("iss", "sub"))
    dated = all(
        past(seen.get(name, 0), now + (300 if name == "exp" else 0)) for name in ("iat", "nbf", "exp")
    )
    return unharmed and same and dated and seen["exp"] > now and isinstance(seen["jti"], str) and seen["jti"]


def post(bench, path, content, headers=FORM):
    return bench.http.post(f"{bench.server.url}/{path}", content=content, headers=headers)


def refused(answer):
    assert (answer.status_code, answer.content) in ERRORS
    assert answer.headers["cache-control"] == "no-store"


def form(said, **more):
    right = {"grant_type": "client_credentials", "scope": "system/Patient.rs"}
    return urlencode({**right, "client_assertion_type": ASSERTION_TYPE, "client_assertion": said, **more})


@BOUNDED
@given(
    headers=st.dictionaries(st.sampled_from(HEADER_NAMES), JSON, max_size=3),
    changed=st.dictionaries(st.sampled_from(CLAIM_NAMES), JSON, max_size=3),
)
def test_header_and_claims_of_any_type(bench, headers, changed):
    right = claims(aud=bench.server.token_url)
    if "aud" in changed and changed["aud"] == right["aud"]:
        changed.pop("aud")
    said = signed({"alg": "ES384", "kid": "ec", "typ": "JWT", **headers}, {**right, **changed})
    answer = post(bench, "token", form(said))
    if answer.status_code == 200:
        assert sound(headers, changed)
        assert "aud" not in changed
    else:
        refused(answer)


@BOUNDED
@given(data=st.data())
def test_a_right_assertion_with_its_text_changed(bench, data):
    said = assertion(aud=bench.server.token_url)
    at = data.draw(st.integers(0, len(said)))
    kind = data.draw(st.sampled_from(["cut", "drop", "insert", "replace", "swap", "repeat"]))
    piece = data.draw(st.text(st.characters(min_codepoint=1), min_size=1, max_size=6))
    changed = {
        "cut": said[:at],
        "drop": said[:at] + said[at + 1 :],
        "insert": said[:at] + piece + said[at:],
        "replace": said[:at] + piece + said[at + len(piece) :],
        "swap": ".".join(reversed(said.split("."))),
        "repeat": f"{said}.{said}",
    }[kind]
    content = form(changed.encode("utf-8", "surrogatepass"))
    answer = post(bench, "token", content)
    if answer.status_code == 200:  # the last letter of a base64 text has bits that mean nothing; padding too
        assert (
            changed == said
            or jwt.decode(changed.strip(), options={"verify_signature": False})["jti"]
            == (jwt.decode(said, options={"verify_signature": False})["jti"])
        )
        assert changed[: said.rindex(".")] == said[: said.rindex(".")]
    else:
        refused(answer)


@BOUNDED
@given(
    path=st.sampled_from(["token", "introspect", "revoke", "nothing", ""]),
    content=st.one_of(
        st.binary(max_size=300),
        st.lists(
            st.tuples(
                st.sampled_from(
                    [
                        "grant_type",
                        "scope",
                        "client_assertion",
                        "client_assertion_type",
                        "client_id",
                        "token",
                        "x",
                    ]
                ),
                st.one_of(
                    st.sampled_from(
                        [
                            "client_credentials",
                            ASSERTION_TYPE,
                            "system/Patient.rs",
                            "eyJ.eyJ.x",
                            "\x00",
                            "é",
                            "a" * 9000,
                        ]
                    ),
                    st.text(max_size=10),
                ),
            ),
            max_size=6,
        ).map(lambda pairs: urlencode(pairs, errors="surrogatepass").encode()),
    ),
    type_=st.sampled_from(
        [FORM["Content-Type"], f"{FORM['Content-Type']}; charset=x", "application/json", "", "x/y"]
    ),
)
def test_forms_of_any_shape(bench, path, content, type_):
    refused(post(bench, path, content, {"Content-Type": type_}))


def test_nested_and_huge_assertions_are_refused_quickly(bench):
    deep = b'{"iss":' + b"[" * 5000 + b"]" * 5000 + b"}"
    wide = json.dumps({**claims(), **{f"c{n}": n for n in range(900)}}).encode()
    key = {"alg": "ES384", "kid": "ec"}
    for said in (
        signed(key, deep),
        signed(json.dumps(key).encode().replace(b"}", b',"x":' + b"[" * 3000 + b"]" * 3000 + b"}"), claims()),
        signed(key, wide),
        signed(key, b"1" * 9000),
        "a" * 60_000,
        "." * 16_000,
        "eyJ" * 5000,
    ):
        begun = time.process_time()  # work, not time: others may keep this machine busy
        refused(post(bench, "token", form(said)))
        assert time.process_time() - begun < 1
    begun = time.process_time()
    refused(post(bench, "token", form("a" * 1_000_000)))
    assert time.process_time() - begun < 1


def test_after_all_that_the_sound_assertion_is_accepted(bench):
    for key, algorithm, kid in ((EC_KEY, "ES384", "ec"), (RSA_KEY, "RS384", "rsa")):
        said = assertion({"kid": kid}, key, algorithm, aud=bench.server.token_url, jti=str(uuid.uuid4()))
        assert post(bench, "token", form(said)).status_code == 200
