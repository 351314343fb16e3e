"""The example asks for tokens as SMART Backend Services prescribe, and keeps them to itself."""

import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fake_hospital import ASSERTION_TYPE, new_key
from fake_script import Fault
from hospital_side import poll, with_poller
from tableau_urgences.hospital.keys import KeyFileError, load_key
from tableau_urgences.hospital.tokens import TokenRefused


def token_requests(hospital):
    return [one for one in hospital.seen if one.path == "/oauth/token"]


def test_token_is_asked_by_form_with_the_fixed_assertion_type_and_a_scope(hospital, tmp_path):
    poll(hospital, tmp_path)
    (request,) = token_requests(hospital)
    assert request.method == "POST"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.form["grant_type"] == "client_credentials"
    assert request.form["client_assertion_type"] == ASSERTION_TYPE
    assert "system/Encounter.rs" in request.form["scope"]
    assert request.query == {}


def test_assertion_has_the_header_and_claims_of_smart(hospital, tmp_path):
    poll(hospital, tmp_path)
    ((header, claims),) = hospital.assertions
    assert header == {"alg": "ES384", "kid": "k1", "typ": "JWT"}
    assert claims["iss"] == claims["sub"] == hospital.client_id
    assert claims["aud"] == f"{hospital.origin}/oauth/token"
    assert 200 <= claims["exp"] - time.time() <= 300


def test_discovery_comes_before_the_first_token(hospital, tmp_path):
    poll(hospital, tmp_path)
    assert [one.path for one in hospital.seen[:3]] == [
        "/fhir/.well-known/smart-configuration",
        "/fhir/metadata",
        "/oauth/token",
    ]


def test_token_is_reused_over_polls(hospital, tmp_path):
    poll(hospital, tmp_path, times=4)
    assert len(token_requests(hospital)) == 1


def test_token_is_renewed_before_it_expires(hospital, tmp_path):
    hospital.expires_in = 1

    async def use(poller):
        await poller.round()
        first = await poller.client.tokens.token()
        assert 0.5 < first.renew_at - time.monotonic() <= 0.8

    with_poller(hospital, tmp_path, use)


def test_every_token_request_has_a_new_jti_even_when_repeated(hospital, tmp_path):
    hospital.faults.append(Fault(503, on="/oauth/token", times=2))
    poll(hospital, tmp_path)
    assertions = [one.form["client_assertion"] for one in token_requests(hospital)]
    ids = {jwt.decode(one, options={"verify_signature": False})["jti"] for one in assertions}
    assert len(assertions) == len(ids) == 3


def test_after_a_401_the_token_is_renewed_and_the_request_repeated_once(hospital, tmp_path):
    hospital.faults.append(Fault(401, on="/fhir/Encounter", then=hospital.tokens.clear))
    poller = poll(hospital, tmp_path)
    encounters = hospital.asked("/fhir/Encounter", "GET")
    assert [one.status for one in encounters] == [401, 200]
    assert encounters[0].headers["authorization"] != encounters[1].headers["authorization"]
    assert len(token_requests(hospital)) == 2
    assert poller.board.ready


def test_a_token_rejected_twice_does_not_loop(hospital, tmp_path):
    hospital.faults.append(Fault(401, on="/fhir/Encounter", times=99))
    poller = poll(hospital, tmp_path)
    assert len(hospital.asked()) == 2
    assert not poller.board.ready


def test_after_three_refused_tokens_the_server_is_left_alone(hospital, tmp_path):
    _, hospital.public = new_key("k1")

    async def use(poller):
        for _ in range(6):
            await poller.round()
        with pytest.raises(TokenRefused):
            await poller.client.tokens.token()

    with_poller(hospital, tmp_path, use)
    assert len(token_requests(hospital)) == 3
    assert hospital.asked() == []


def test_the_granted_scope_is_respected(hospital, tmp_path):
    hospital.granted = "system/Encounter.rs system/Patient.s"
    poller = poll(hospital, tmp_path)
    assert {one.path.split("/")[2] for one in hospital.asked()} == {"Encounter", "Patient"}
    assert poller.board.ready
    assert {"PractitionerRole", "Location"} <= poller.board.unavailable


def test_a_token_endpoint_in_clear_text_elsewhere_is_not_trusted(hospital, tmp_path):
    async def use(poller):
        hospital.origin = hospital.origin.replace("127.0.0.1", "127.0.0.2")
        await poller.round()

    with_poller(hospital, tmp_path, use)
    assert token_requests(hospital) == []


def test_token_travels_in_the_header_only(hospital, tmp_path):
    poll(hospital, tmp_path, times=2)
    for one in hospital.asked():
        assert one.headers["authorization"].startswith("Bearer ")
        token = one.headers["authorization"].removeprefix("Bearer ")
        assert token not in f"{one.path}{one.parameters}"


@pytest.mark.parametrize("kind", ["EC", "RSA"])
def test_pem_keys_are_read_with_a_thumbprint_as_kid(tmp_path, kind):
    made = ec.generate_private_key(ec.SECP384R1()) if kind == "EC" else rsa.generate_private_key(65537, 2048)
    path = tmp_path / "key.pem"
    path.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key = load_key(path)
    assert key.alg == {"EC": "ES384", "RSA": "RS384"}[kind]
    assert len(key.kid) == 43
    assert load_key(path, "given").kid == "given"


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"-----BEGIN PRIVATE KEY-----\n", b'{"kty":"oct","k":"AA"}', b"[]"]
)
def test_a_file_without_a_private_key_is_refused_in_one_sentence(tmp_path, content):
    path = tmp_path / "key"
    path.write_bytes(content)
    with pytest.raises(KeyFileError, match="expected a private"):
        load_key(path)
