"""What an application asked and was given is read in the journal, whatever form it asks in."""

import json

from puller_traffic import BASE, bundle, encounter, exchange

from lab.pulling.asked import asked
from lab.pulling.plan import MARK


def read(*exchanges):
    return asked(exchanges, BASE, "app")


def test_a_poll_is_known_by_what_it_is_about_and_not_by_when():
    first, second, other = read(
        exchange(1.0, "/Encounter?class=EMER&_lastUpdated=ge2026-01-01&_count=50"),
        exchange(2.0, "/Encounter?_count=100&_lastUpdated=ge2026-01-02&class=EMER"),
        exchange(3.0, "/Encounter?class=IMP&_lastUpdated=ge2026-01-02"),
    )
    assert first.is_poll
    assert first.what == second.what != other.what
    assert first.since == ("ge2026-01-01",)


def test_what_asks_for_known_records_or_a_further_page_is_no_poll():
    page = exchange(1.0, "/Encounter?_lastUpdated=ge2026-01-01", bundle(encounter(1), next_=f"{BASE}?page=2"))
    found = read(
        page,
        exchange(2.0, "?page=2", bundle()),
        exchange(3.0, "/Patient/_search", method="POST", request_body="_id=p1%2Cp2"),
        exchange(4.0, "/Encounter/e1", json.dumps(encounter(1))),
        exchange(5.0, "http://127.0.0.1:2/token", "{}", method="POST"),
    )
    assert [one.is_poll for one in found] == [True, False, False, False, False]
    assert [one.followed for one in found] == [False, True, False, False, False]
    assert [one.kind for one in found][2:] == ["search", "read", "token"]


def test_what_was_given_is_known_by_the_mark_of_its_event():
    masked = encounter(7, version="a54ca5b04ce2479f2831")
    (search,) = read(exchange(1.0, "/Encounter", bundle(masked, encounter(8))))
    assert [(one.reference, one.number) for one in search.given] == [
        ("Encounter/event-000007", 7),
        ("Encounter/event-000008", 8),
    ]
    unmarked = {**encounter(9), "identifier": [{"system": MARK, "value": "none"}, "odd"]}
    (one,) = read(exchange(1.0, "/Encounter/event-000009", json.dumps(unmarked)))[0].given
    assert one.number is None


def test_lines_of_an_export_are_given_too():
    lines = "\n".join(json.dumps(encounter(n)) for n in (1, 2))
    (file,) = read(exchange(1.0, "/$export/files/1", lines))
    assert file.kind == "other"
    (history,) = read(exchange(1.0, "/Encounter/_history?_since=2026-01-01", bundle(encounter(1))))
    assert history.is_poll
    assert history.since == ("2026-01-01",)


def test_half_an_answer_and_a_refusal_give_nothing():
    whole = bundle(encounter(1))
    half, refused = read(
        exchange(1.0, "/Encounter", whole[: len(whole) // 2]), exchange(2.0, "/Encounter", whole, status=503)
    )
    assert half.given == refused.given == ()


def test_the_requests_of_others_are_not_read():
    assert read(exchange(1.0, "/Encounter", client="other")) == ()
    assert read(exchange(1.0, "/Encounter", actor="laboratory")) == ()


def test_a_wait_that_was_asked_for_is_read():
    headers = (("retry-after", "3"),)
    (one,) = read(exchange(1.0, "/Encounter", status=429, response_headers=headers))
    assert one.retry_after_s == 3.0
