"""Redaction at capture: no secret is written, and the same secret is still seen to be the same."""

import jwt
import pytest

from lab.journal.redact import SECRET_FIELDS, Redactor

REDACTOR = Redactor(bytes(32))
OPAQUE = "a-token-of-nobody"
SIGNED = jwt.encode({"iss": "app", "jti": "one"}, "k" * 48, algorithm="HS384")
FORM = "application/x-www-form-urlencoded"


def test_a_digest_tells_the_same_secret_and_only_under_the_same_key():
    assert REDACTOR.digest(OPAQUE) == REDACTOR.digest(OPAQUE)
    assert REDACTOR.digest(OPAQUE) != REDACTOR.digest(f"{OPAQUE}x")
    assert REDACTOR.digest(OPAQUE) != Redactor(bytes(31) + b"1").digest(OPAQUE)
    assert REDACTOR.digest("") == ""


@pytest.mark.parametrize("name", ["Authorization", "authorization", "Cookie", "Set-Cookie", "X-Api-Key"])
def test_secret_headers_are_digested_and_their_scheme_kept(name):
    ((_, value),) = REDACTOR.headers([(name, f"Bearer {OPAQUE}")])
    assert value == f"Bearer {REDACTOR.digest(OPAQUE)}"


def test_other_headers_are_kept_but_for_the_tokens_in_them():
    assert REDACTOR.headers([("Accept", "x"), ("Referer", SIGNED)]) == (
        ("Accept", "x"),
        ("Referer", REDACTOR.digest(SIGNED)),
    )


@pytest.mark.parametrize("name", ["access_token", "ACCESS_TOKEN", "client_assertion", "token"])
def test_secret_parameters_of_a_url_are_digested(name):
    said = REDACTOR.url(f"http://h/fhir/Patient?a=1&{name}={OPAQUE}&b=2")
    assert said == f"http://h/fhir/Patient?a=1&{name}={REDACTOR.digest(OPAQUE)}&b=2"


@pytest.mark.parametrize(
    ("body", "type_"),
    [
        (f"grant_type=x&client_assertion={SIGNED}&token={OPAQUE}", FORM),
        (f'{{"access_token": "{OPAQUE}", "other": "{SIGNED}"}}', "application/json"),
        (f"plain text with {SIGNED}", "text/plain"),
    ],
)
def test_no_secret_of_a_body_is_kept(body, type_):
    said = REDACTOR.body(body.encode(), type_)
    assert SIGNED.rpartition(".")[2] not in said or "other" in body
    assert OPAQUE not in said or type_ == "text/plain"


def test_a_raw_message_is_kept_without_its_secrets():
    message = f"GET /fhir/Patient?access_token={OPAQUE} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer "
    f"{OPAQUE}\r\n\r\n"
    said = REDACTOR.message(message.encode())
    assert OPAQUE not in said
    assert said.startswith("GET /fhir/Patient?access_token=h:")
    assert "\r\nHost: h\r\n" in said


def test_an_assertion_is_kept_readable_without_its_signature():
    said = REDACTOR.assertion(SIGNED)
    assert said["claims"] == {"iss": "app", "jti": REDACTOR.digest("one")}
    assert said["header"]["alg"] == "HS384"
    assert REDACTOR.assertion("x") == {"readable": False}


@pytest.mark.parametrize("name", ["access%5Ftoken", "%61ccess_token", "Access_Token"])
def test_a_secret_parameter_is_known_under_any_spelling(name):
    assert OPAQUE not in REDACTOR.url(f"http://h/fhir/Patient?{name}={OPAQUE}")
    assert OPAQUE not in REDACTOR.body(f"{name}={OPAQUE}".encode(), FORM)


def test_what_only_looks_like_a_digest_is_digested():
    assert REDACTOR.digest("h:my-secret") != "h:my-secret"
    assert REDACTOR.digest(REDACTOR.digest(OPAQUE)) == REDACTOR.digest(OPAQUE)


@pytest.mark.parametrize("name", sorted(SECRET_FIELDS))
def test_every_secret_field_of_a_json_body_is_digested(name):
    said = REDACTOR.body(f'{{"before":1,"{name}":"{OPAQUE}"}}'.encode(), "application/fhir+json")
    assert said == f'{{"before":1,"{name}":"{REDACTOR.digest(OPAQUE)}"}}'
