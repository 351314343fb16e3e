"""The example copes with a busy, broken or hostile hospital."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import httpx
import pytest
from fake_hospital import fake_hospital
from fake_script import Fault
from hospital_side import FIRST_WAIT_S, poll, with_poller
from sample_urgences import department
from self_signed import self_signed
from tableau_urgences.hospital.transport import Answer, Transport

PAGE = b"<html><body>502 Bad Gateway</body></html>"


def encounters(hospital):
    return hospital.asked("/fhir/Encounter", "GET")


def gaps(requests):
    return [later.t - earlier.t for earlier, later in pairwise(requests)]


def test_429_with_seconds_is_obeyed(hospital, tmp_path):
    hospital.faults.append(Fault(429, on="/fhir/Encounter", headers={"Retry-After": "1"}))
    poller = poll(hospital, tmp_path)
    assert 1.0 <= gaps(encounters(hospital))[0] <= 1.2
    assert poller.board.ready


def test_429_with_a_date_is_obeyed(hospital, tmp_path):
    moment = (datetime.now(UTC) + timedelta(seconds=2)).replace(microsecond=0)
    header = {"Retry-After": format_datetime(moment, usegmt=True)}
    hospital.faults.append(Fault(429, on="/fhir/Encounter", headers=header))
    poller = poll(hospital, tmp_path)
    assert moment.timestamp() <= time.time() < moment.timestamp() + 1
    assert poller.board.ready


def test_503_is_retried_with_growing_waits_and_given_up_after_six_tries(hospital, tmp_path):
    hospital.faults.append(Fault(503, on="/fhir/Encounter", times=99))
    pauses = []

    async def use(poller):
        pauses.append(await poller.round())

    with_poller(hospital, tmp_path, use)
    tries = encounters(hospital)
    assert len(tries) == 6
    assert all(gap >= FIRST_WAIT_S * 2**n for n, gap in enumerate(gaps(tries)))
    assert pauses == [60.0]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(502, body=PAGE, headers={"Content-Type": "text/html"}),
        Fault(502),
        Fault(504),
        Fault(500, body=b"{"),
        Fault(200, body=PAGE, headers={"Content-Type": "text/html"}),
        Fault(200, body=b'{"resourceType":"Bundle","entry":['),
        Fault(200, body=b"[" * 100_000),
        Fault(200, body=b"\xff\xfe"),
        Fault(200, cut=True),
        Fault(200, reset=True),
    ],
    ids=lambda fault: f"{fault.status}-{fault.body[:6]!r}-cut={fault.cut}-reset={fault.reset}",
)
def test_a_passing_fault_is_survived_and_nothing_is_lost(hospital, tmp_path, fault):
    fault.times = 2
    hospital.faults.append(fault)
    poller = poll(hospital, tmp_path)
    assert poller.board.ready
    assert len(poller.board.held["Patient"]) == 9


@pytest.mark.parametrize("on", ["/oauth/token", "/fhir/.well-known"])
def test_a_fault_before_the_first_token_is_survived(hospital, tmp_path, on):
    hospital.faults.append(Fault(503, on=on))
    assert poll(hospital, tmp_path).board.ready


def test_403_closes_the_type_and_drops_its_copy_without_a_retry(hospital, tmp_path):
    async def use(poller):
        await poller.round()
        assert poller.board.held["Practitioner"]
        hospital.faults.append(Fault(403, on="/fhir/Practitioner/_search", times=99))
        for _ in range(25):
            await poller.round()
        assert poller.board.held["Practitioner"] == {}
        assert "Practitioner" in poller.board.unavailable
        assert len(poller.board.held["Patient"]) == 9

    with_poller(hospital, tmp_path, use)
    assert [one.status for one in hospital.asked("/fhir/Practitioner/_search")].count(403) == 1


@pytest.mark.parametrize(("type_", "on"), [("Encounter", "/fhir/Encounter"), ("Location", "/fhir/Location")])
def test_a_type_that_opens_again_comes_back_whole(hospital, tmp_path, type_, on):
    async def use(poller):
        await poller.round()
        before = dict(poller.board.held[type_])
        hospital.faults.append(Fault(403, on=on))
        for _ in range(11):
            await poller.round()
        assert type_ in poller.board.unavailable
        assert not poller.board.held[type_]
        assert poller.watermark is None or type_ != "Encounter"
        poller.client.tokens.forget(await poller.client.tokens.token())
        for _ in range(11):
            await poller.round()
        assert poller.board.held[type_] == before

    with_poller(hospital, tmp_path, use)


def test_what_is_too_large_for_the_hospital_is_asked_for_in_halves(hospital, tmp_path):
    hospital.faults.append(Fault(413, on="/fhir/Patient/_search"))
    poller = poll(hospital, tmp_path)
    refused, *halves = [one.form["_id"].split(",") for one in hospital.asked("/fhir/Patient/_search")]
    assert [len(half) for half in halves] == [4, 5]
    assert [id_ for half in halves for id_ in half] == refused
    assert len(poller.board.held["Patient"]) == 9


def test_a_hospital_that_takes_nothing_is_not_asked_without_end(hospital, tmp_path):
    hospital.faults.append(Fault(413, on="/fhir/Patient/_search", times=99))
    poller = poll(hospital, tmp_path)
    assert [len(one.form["_id"].split(",")) for one in hospital.asked("/fhir/Patient/_search")] == [
        9,
        4,
        2,
        1,
    ]
    assert "Patient" in poller.board.unavailable


def test_400_is_not_repeated_unchanged_and_its_outcome_is_logged(hospital, tmp_path, caplog):
    body = b'{"resourceType":"OperationOutcome","issue":[{"code":"invalid","diagnostics":"no such class"}]}'
    hospital.faults.append(Fault(400, on="/fhir/Encounter", times=99, body=body))
    with caplog.at_level("INFO", "tableau_urgences"):
        poll(hospital, tmp_path, times=5)
    assert len(encounters(hospital)) == 1
    assert "invalid: no such class" in caplog.text


def test_a_gone_location_is_dropped(hospital, tmp_path):
    async def use(poller):
        await poller.round()
        del hospital.resources["Location"]["loc-urg-purpan"]
        for _ in range(10):
            await poller.round()
        assert list(poller.board.held["Location"]) == ["loc-urg-rangueil"]

    with_poller(hospital, tmp_path, use)


def test_an_unchanged_location_is_not_sent_again(hospital, tmp_path):
    poll(hospital, tmp_path, times=6)
    reads = hospital.asked("/fhir/Location/loc-urg-purpan")
    assert [one.status for one in reads] == [200, 304]


def test_an_off_origin_next_link_is_not_followed(hospital, tmp_path, caplog):
    with fake_hospital() as decoy:
        hospital.next_override = lambda _: f"{decoy.base}/Encounter?_page=lure"
        with caplog.at_level("INFO", "tableau_urgences"):
            poller = poll(hospital, tmp_path)
        assert decoy.seen == []
    assert "paging_stopped" in caplog.text
    assert poller.board.ready
    assert poller.watermark is None


def test_a_redirect_within_the_hospital_keeps_the_method(hospital, tmp_path):
    where = {"Location": "/fhir/Patient/_search"}
    hospital.faults.append(Fault(308, on="/fhir/Patient/_search", headers=where))
    poller = poll(hospital, tmp_path)
    assert [(one.method, one.status) for one in hospital.asked("/fhir/Patient")] == [
        ("POST", 308),
        ("POST", 200),
    ]
    assert len(poller.board.held["Patient"]) == 9


def test_a_redirect_to_another_origin_is_not_followed(hospital, tmp_path):
    with fake_hospital() as decoy:
        decoy.put(*department())
        hospital.faults.append(
            Fault(307, on="/fhir/Encounter", headers={"Location": f"{decoy.base}/Encounter"})
        )
        poll(hospital, tmp_path)
        assert decoy.seen == []


def test_an_answer_beyond_bounds_is_not_read_to_the_end(hospital, tmp_path, monkeypatch):
    monkeypatch.setattr("tableau_urgences.hospital.transport.MAX_BODY", 1000)
    poller = poll(hospital, tmp_path)
    assert not poller.board.ready
    assert len(hospital.asked()) == 1


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "3600"}])
def test_nothing_is_kept_when_the_hospital_stays_silent(hospital, tmp_path, monkeypatch, headers):
    async def use(poller):
        await poller.round()
        monkeypatch.setattr("tableau_urgences.hospital.poller.HOLD_UNCONFIRMED", timedelta(seconds=0.1))
        hospital.faults.append(Fault(503, times=99, headers=headers))
        await poller.round()
        assert not any(poller.board.held.values())
        assert not poller.board.ready

    with_poller(hospital, tmp_path, use)


def test_a_certificate_nobody_vouches_for_is_refused(tmp_path):
    with fake_hospital(self_signed(tmp_path)) as hospital:
        assert not poll(hospital, tmp_path).board.ready
        assert hospital.seen == []


def test_a_certificate_for_another_address_is_refused(tmp_path, monkeypatch):
    path = self_signed(tmp_path, "127.0.0.9")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with fake_hospital(path) as hospital:
        assert not poll(hospital, tmp_path).board.ready
        assert hospital.seen == []


def test_the_authority_of_the_hospital_can_be_given(tmp_path, monkeypatch):
    path = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with fake_hospital(path) as hospital:
        hospital.put(*department())
        assert poll(hospital, tmp_path).board.ready


def test_a_wait_is_shared_by_every_request(hospital, tmp_path):
    hospital.faults.append(Fault(429, on="/fhir/Encounter", headers={"Retry-After": "1"}))

    async def use(poller):
        client, waiting = poller.client, asyncio.Event()
        decide = client.transport.wait

        def wait(tried, answer):
            waiting.set()
            return decide(tried, answer)

        client.transport.wait = wait
        first = asyncio.ensure_future(client.search("Encounter", {"_id": "x"}))
        await waiting.wait()
        await asyncio.gather(first, client.search("PractitionerRole", {"location": "loc-urg-purpan"}))

    with_poller(hospital, tmp_path, use)
    assert all(gap >= 0.99 for gap in gaps(hospital.asked())[:1])
    assert len(hospital.asked()) == 3


@pytest.mark.parametrize(
    "value", ["", "soon", "-1", "1e3", "9" * 400, "Mon, 99 Foo", "\u0663", "0 0 0 0 0 0"]
)
def test_a_retry_after_that_is_nonsense_is_like_none(value):
    transport = Transport(httpx.AsyncClient(), 1.0)
    assert 1.0 <= transport.wait(1, Answer(429, {"retry-after": value})) <= 1.25


def test_logs_hold_no_token_and_no_patient(hospital, tmp_path, caplog):
    hospital.faults.append(Fault(503))
    with caplog.at_level("DEBUG", "tableau_urgences"):
        poll(hospital, tmp_path, times=2)
    assert "waiting" in caplog.text
    for secret in (*hospital.tokens, "Martin", "pat-0", "1980", "eyJ"):
        assert secret not in caplog.text
