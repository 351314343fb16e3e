"""One AuditEvent for each decision: who, from where, what, level, rule, outcome, purpose."""

import re
import time

import httpx
import pytest
from audit_hospital import (
    CLIENTS,
    ask_token,
    assertion,
    details,
    entities,
    from_elsewhere,
    patients_of,
    queries,
    seen,
    who,
)

from lab.validation.check import check

DIGEST = r"h:[0-9a-f]{12}"


def one(result):
    answer, events = result
    assert len(events) == 1, events
    return answer, events[0]


def test_a_read_says_who_from_where_what_why_and_whom(callers, trail, inside):
    answer, event = one(trail.of(lambda: callers["masked"].get(f"Patient/{inside}")))
    assert answer.status_code == 200
    assert (event["action"], event["outcome"], event["subtype"][0]["code"]) == ("R", "0", "read")
    agent = event["agent"][0]
    assert agent["who"] == {
        "reference": "Device/masked",
        "identifier": {"system": "https://lab.chu-toulouse.fr/client", "value": "masked"},
    }
    assert agent["network"] == {"address": "127.0.0.1", "type": "2"}
    assert agent["purposeOfUse"][0]["coding"][0]["code"] == "TREAT"
    assert agent["policy"] == [f"https://lab.chu-toulouse.fr/permission/{CLIENTS[1].permission['id']}"]
    assert agent["requestor"] is True
    assert seen(event) == [f"Patient/{inside}"] == entities(event, "4")
    said = details(event)
    assert (said["status"], said["decision"], said["level"]) == ("200", "allowed", "5")
    assert said["rule"]


def test_a_search_keeps_names_and_digests_values(callers, trail):
    answer, event = one(
        trail.of(lambda: callers["full"].get("Observation?category=laboratory&_sort=-date&_count=7"))
    )
    assert event["action"] == "E"
    assert set(seen(event)) == patients_of(answer.json())
    assert seen(event)
    (query,) = queries(event)
    assert re.fullmatch(f"Observation\\?category={DIGEST}&_sort={DIGEST}&_count={DIGEST}", query)


def refusals(callers, inside, outside):
    masked, full = callers["masked"], callers["full"]
    return {
        1: (lambda: from_elsewhere(masked, f"Patient/{inside}"), None, 403),
        2: (lambda: httpx.get(f"{masked.base}/Patient/{inside}", trust_env=False), None, 401),
        3: (lambda: full.get("Condition?_count=1"), "Device/full", 403),
        4: (lambda: masked.get(f"Patient/{outside}"), "Device/masked", 404),
        5: (lambda: masked.get("Patient?address=Toulouse"), "Device/masked", 400),
    }


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5])
def test_a_refusal_names_its_level_and_shows_nobody(level, callers, trail, inside, outside):
    ask, device, status = refusals(callers, inside, outside)[level]
    answer, event = one(trail.of(ask))
    assert answer.status_code == status
    assert event["outcome"] == "4"
    assert who(event) == device
    said = details(event)
    assert (said["decision"], said["level"], said["status"]) == ("refused", str(level), str(status))
    assert said["rule"]
    assert said["reason"]
    assert entities(event, "1") == []
    assert event["agent"][0]["network"]["address"] == ("127.0.0.2" if level == 1 else "127.0.0.1")


@pytest.mark.parametrize("level", [1, 2, 4])
def test_a_refused_patient_is_asked_for_and_not_seen(level, callers, trail, inside, outside):
    ask, _, _ = refusals(callers, inside, outside)[level]
    _, event = one(trail.of(ask))
    assert entities(event, "4") == [f"Patient/{outside if level == 4 else inside}"]


def test_a_query_that_names_a_patient_asks_for_it(callers, trail, outside):
    _, event = one(trail.of(lambda: callers["masked"].get(f"Observation?patient={outside}")))
    assert entities(event, "4") == ["GET Observation", f"Patient/{outside}"]
    assert seen(event) == []


def test_head_shows_nobody(callers, trail, inside):
    answer, event = one(trail.of(lambda: callers["full"].request("HEAD", f"Patient/{inside}")))
    assert answer.status_code == 200
    assert entities(event, "1") == []


def test_each_entry_of_a_batch_is_an_event_of_its_own(callers, trail, inside, outside):
    urls = (f"Patient/{inside}", f"Patient/{outside}", "Condition?_count=1", "Patient//x")
    entries = [{"request": {"method": "GET", "url": url}} for url in urls]
    answer, (whole, *inner) = trail.of(lambda: callers["masked"].bundle("batch", *entries))
    assert answer.status_code == 200
    assert whole["subtype"][0]["code"] == "batch"
    assert seen(whole) == []
    assert [(event["outcome"], seen(event)) for event in inner] == [
        ("0", [f"Patient/{inside}"]),
        ("4", []),
        ("4", []),
        ("4", []),
    ]
    assert [details(event).get("level") for event in inner] == ["5", "4", "3", None]
    assert {details(event)["inside"] for event in inner} == {whole["id"]}


def test_a_transaction_is_one_event_that_names_its_entries(callers, trail, inside):
    new = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    new["subject"] = {"reference": f"Patient/{inside}"}
    entries = (
        {"resource": new, "request": {"method": "POST", "url": "Observation"}},
        {"request": {"method": "GET", "url": "Encounter?_count=1"}},
    )
    answer, event = one(trail.of(lambda: callers["full"].bundle("transaction", *entries)))
    assert answer.status_code == 200
    assert entities(event, "4") == ["POST", "POST Observation", "GET Encounter"]
    assert f"Patient/{inside}" in entities(event, "1", "3")


def test_writes_name_the_patients_they_are_about(callers, trail, inside):
    full = callers["full"]
    patient = {"resourceType": "Patient", "id": "mine", "active": True}
    answer, event = one(trail.of(lambda: full.request("POST", "Patient", patient)))
    created = f"Patient/{answer.json()['id']}"
    assert (event["action"], entities(event, "1", "1")) == ("C", [created])
    assert "Patient/mine" not in str(event)
    gone = trail.of(lambda: full.request("DELETE", created))
    assert (one(gone)[1]["action"], entities(one(gone)[1], "1", "14")) == ("D", [created])
    new = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    new["subject"] = {"reference": f"Patient/{inside}"}
    _, event = one(trail.of(lambda: full.request("POST", "Observation", new, Prefer="return=minimal")))
    assert entities(event, "1", "1") == [f"Patient/{inside}"]
    assert seen(event) == []


def test_an_export_names_the_patients_of_each_piece_before_it_is_sent(callers, trail):
    taker = callers["taker"]
    kickoff, event = one(trail.of(lambda: taker.request("GET", "Patient/$export", Prefer="respond-async")))
    assert kickoff.status_code == 202
    assert entities(event, "4") == ["GET Patient/$export"]
    status = kickoff.headers["content-location"].removeprefix(f"{taker.base}/")
    deadline = time.monotonic() + 30
    while (ready := taker.get(status)).status_code in {202, 429}:
        assert time.monotonic() < deadline
    for file in ready.json()["output"]:
        answer, (whole, *pieces) = trail.of(
            lambda url=file["url"]: taker.get(url.removeprefix(f"{taker.base}/"))
        )
        lines = [httpx.Response(200, content=line).json() for line in answer.content.splitlines()]
        assert seen(whole) == []
        assert {p for piece in pieces for p in seen(piece)} == patients_of(lines)
        assert {details(piece)["inside"] for piece in pieces} == {whole["id"]}


def test_the_token_server_is_traced(audited, callers, trail):
    addresses, _, _ = audited
    masked, http = CLIENTS[1], callers["full"].http
    _, event = one(trail.of(lambda: ask_token(addresses, masked, http, assertion(addresses, "masked"))))
    assert (event["type"]["code"], event["subtype"][0]["code"]) == ("110114", "110122")
    assert (event["outcome"], who(event)) == ("0", "Device/masked")
    signed = assertion(addresses, "masked", kid="other")
    answer, event = one(trail.of(lambda: ask_token(addresses, masked, http, signed)))
    assert answer.status_code == 401
    assert (event["outcome"], who(event), details(event)["rule"]) == ("4", "Device/masked", "invalid_client")
    _, event = one(
        trail.of(lambda: ask_token(addresses, masked, http, assertion(addresses, "Jean Dupont, 12 rue X")))
    )
    assert who(event) is None
    assert "Dupont" not in str(event)


def test_every_event_is_valid(trail, callers, inside, outside):
    for ask, _, _ in refusals(callers, inside, outside).values():
        ask()
    callers["masked"].get(f"Patient/{inside}/_history/1")
    callers["full"].get("metadata")
    callers["full"].get(".well-known/smart-configuration")
    callers["full"].get("Patient?_count=50&nothing=1")
    callers["full"].bundle("batch", {"request": {"method": "GET", "url": f"Patient/{inside}"}})
    events = trail.events()
    assert {event["outcome"] for event in events} >= {"0", "4"}
    assert len({event["id"] for event in events}) == len(events) > 10
    for event in events:
        assert check(event).findings == (), event
