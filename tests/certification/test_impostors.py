"""Impostors of the hospital: each sees how far a client goes, a trusting one and a careful one."""

import json
import ssl
import threading
from contextlib import suppress

import httpx
import pytest

from lab.certification.bad_certificate import FLAWS, bad_certificate
from lab.certification.hostile_tls import hostile_tls
from lab.certification.refusing_hospital import refusing_hospital
from lab.certification.rogue_configuration import CONFIGURATION, rogue_configuration


def noting():
    visits, seen = [], threading.Event()

    def note(visit):
        visits.append(visit)
        seen.set()

    return visits, seen, note


def visited(flaw, folder, verify):
    """Return what a listener noted of one request, and the certificate that it showed."""
    visits, seen, note = noting()
    certificate = bad_certificate(flaw, folder)
    with hostile_tls(certificate, note) as origin:
        with suppress(httpx.HTTPError):
            httpx.get(f"{origin}/fhir/Patient", verify=verify(certificate), trust_env=False, timeout=3)
        assert seen.wait(5)
    return visits


def careful(_):
    return ssl.create_default_context()


def trusting(certificate):
    """Trust the authority of the certificate, where there is one."""
    return (
        ssl.create_default_context(cafile=certificate.authority) if certificate.authority else careful(None)
    )


def nameless(certificate):
    context = trusting(certificate)
    context.check_hostname = False
    return context


@pytest.mark.parametrize("flaw", FLAWS)
@pytest.mark.parametrize("verify", [careful, trusting])
def test_a_careful_client_sends_nothing(flaw, verify, tmp_path):
    assert [(one.handshake, one.bytes) for one in visited(flaw, tmp_path, verify)] == [("refused", 0)]


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_client_that_verifies_nothing_is_seen(flaw, tmp_path):
    (visit,) = visited(flaw, tmp_path, lambda _: False)
    assert visit.handshake == "completed"
    assert visit.bytes > 50


def test_a_client_that_verifies_no_name_is_seen(tmp_path):
    (visit,) = visited("wrong-name", tmp_path, nameless)
    assert (visit.handshake, visit.bytes > 50) == ("completed", True)


def test_a_client_that_speaks_in_the_clear_is_seen(tmp_path):
    visits, seen, note = noting()
    with hostile_tls(bad_certificate("self-signed", tmp_path), note) as origin:
        with suppress(httpx.HTTPError):
            httpx.get(origin.replace("https", "http"), trust_env=False, timeout=3)
        assert seen.wait(5)
    assert visits[0].handshake == "plain"
    assert visits[0].bytes > 50


def test_the_false_configuration_names_a_stranger_and_notes_who_goes_there():
    visits, _, note = noting()
    with rogue_configuration(note) as origin, httpx.Client(trust_env=False) as client:
        said = client.get(f"{origin}/fhir{CONFIGURATION}").json()
        assert httpx.URL(said["token_endpoint"]).host != httpx.URL(origin).host
        client.get(f"{origin}/fhir/metadata")
        client.post(said["token_endpoint"], data={"client_assertion": "secret"})
    assert [one.place for one in visits] == ["configuration", "hospital", "stranger"]
    assert b"client_assertion" in visits[2].body
    assert json.dumps(said)


def test_the_refusing_hospital_has_moved_its_endpoint_and_gives_no_token():
    visits, _, note = noting()
    with refusing_hospital(note) as origin:
        said = httpx.get(f"{origin}/fhir{CONFIGURATION}", trust_env=False).json()
        answer = httpx.post(said["token_endpoint"], data={"scope": "system/Patient.rs"}, trust_env=False)
        httpx.get(f"{origin}/fhir/Patient", trust_env=False)
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})
    assert [one.place for one in visits] == ["configuration", "token", "hospital"]
