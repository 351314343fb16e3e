"""A Subscription that this server would not serve is refused with one sentence, and nothing is sent."""

from typing import Any

import pytest
from server_hospital import Hospital
from subscriber import TOPICS, extension, subscription

from lab.fhirserver.subscriptions import admission

HERE = "http://127.0.0.1:9/hook"


def refusal(hospital: Hospital, resource: dict[str, Any]) -> str:
    answer = hospital.ask("POST", "Subscription", resource)
    assert answer.status == 422, answer.body
    (issue,) = answer.json["issue"]
    return str(issue["diagnostics"])


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:9/hook",
        "http://192.168.1.1/hook",
        "http://127.0.0.1.evil.test/",
        "http://localhost.evil.test/",
        "http://evil.test\\@127.0.0.1/",
        "http://user@127.0.0.1/",
        "http://127.0.0.1@evil.test/",
        "http://127.0.0.1:9@evil.test/",
        "http://127.0.0.1#@evil.test/",
        "http://127.1/",
        "http://2130706433/",
        "http://0.0.0.0:9/",
        "http://[::]:9/",
        "http://[::ffff:127.0.0.1]:9/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:0/",
        "file:///etc/passwd",
        "mailto:someone@evil.test",
    ],
)
def test_an_endpoint_elsewhere(writable: Hospital, url: str) -> None:
    assert "this laboratory only sends to this machine" in refusal(writable, subscription(url))


@pytest.mark.parametrize("url", [HERE, "http://[::1]:9/hook", "http://localhost:9/", "http://127.0.0.1:9"])
def test_an_endpoint_here(writable: Hospital, url: str) -> None:
    assert writable.ask("POST", "Subscription", subscription(url)).status == 201


def test_the_server_does_not_tell_itself(writable: Hospital) -> None:
    assert "port of this server" in refusal(writable, subscription("http://127.0.0.1/fhir"))


@pytest.mark.parametrize(
    "criteria",
    [
        "Encounter?nothing=1",
        "Encounter?patient.nothing=1",
        "Encounter?date=never",
        "Encounter?_sort=date",
        "Encounter?_count=1",
        "Encounter?_include=Encounter:patient",
        "Encounter?status:nothing=finished",
        "Encounter?status",
        "Nothing?status=1",
        "encounter?status=1",
        "",
        f"{TOPICS}/nothing",
        f"{TOPICS}/resource-change",
        "http://elsewhere.test/SubscriptionTopic/any",
    ],
)
def test_criteria_that_cannot_be_looked_at(writable: Hospital, criteria: str) -> None:
    assert refusal(writable, subscription(HERE, criteria or "?"))


@pytest.mark.parametrize(
    "channel",
    [
        {"type": "email"},
        {"type": "websocket"},
        {"payload": "application/fhir+xml"},
        {"payload": "text/plain"},
        {"header": ["no header, secret"]},
        {"header": ["Host: secret"]},
        {"header": ["Content-Length: 4"]},
        {"header": ["Transfer-Encoding: secret"]},
        {"header": ["X: secret\r\nY: 1"]},
        {"header": ["X-Name: é secret"]},
        {"header": ["X: secret"] * 21},
    ],
)
def test_a_channel_that_is_not_served(writable: Hospital, channel: dict[str, Any]) -> None:
    resource = subscription(HERE)
    resource["channel"] |= channel
    answer = writable.ask("POST", "Subscription", resource)
    assert answer.status == 422
    assert b"secret" not in answer.body


def test_filters_of_another_type(writable: Hospital) -> None:
    resource = subscription(HERE, f"{TOPICS}/encounter-complete")
    for search in ("Observation?patient=Patient/in1", "Encounter?nothing=1"):
        filters = {"extension": [extension("backport-filter-criteria", "valueString", search)]}
        assert refusal(writable, resource | {"_criteria": filters})


def test_what_is_off_is_not_looked_at(writable: Hospital) -> None:
    off = subscription("https://elsewhere.test/hook", "Encounter?nothing=1") | {"status": "off"}
    answer = writable.ask("POST", "Subscription", off)
    assert answer.status == 201
    asking = answer.json | {"status": "active"}
    assert writable.ask("PUT", f"Subscription/{asking['id']}", asking).status == 422
    change = [{"op": "replace", "path": "/status", "value": "requested"}]
    patched = writable.ask(
        "PATCH", f"Subscription/{asking['id']}", change, content_type="application/json-patch+json"
    )
    assert patched.status == 422


def test_they_are_bounded(writable: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "MOST", 2)
    made = [writable.ask("POST", "Subscription", subscription(HERE)) for _ in range(3)]
    assert [answer.status for answer in made] == [201, 201, 422]
    first = made[0].json
    assert writable.ask("PUT", f"Subscription/{first['id']}", first).status == 200
    writable.ask("PUT", f"Subscription/{first['id']}", first | {"status": "off"})
    assert writable.ask("POST", "Subscription", subscription(HERE)).status == 201
