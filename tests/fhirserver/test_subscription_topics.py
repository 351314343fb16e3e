"""A Subscription with a topic: handshake, events as much as asked for, heartbeat, state, events once more."""

import pytest
from server_hospital import BASE, Hospital
from subscriber import EXTENSIONS, TOPICS, Endpoint, endpoint, topic_subscription, until
from test_subscription_rest_hook import stay

from lab.fhirserver.subscriptions import sender
from lab.validation.fast import defects

IN1 = "Encounter?patient=Patient/in1"


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "PACE", sender.Pace(2.0, (0.02, 0.02, 0.02, 0.02), 0.05))


def subscribed(hospital: Hospital, resource: dict[str, object]) -> str:
    answer = hospital.ask("POST", "Subscription", resource)
    assert (answer.status, answer.json.get("status")) == (201, "requested"), answer.body
    id_ = str(answer.json["id"])
    until(lambda: hospital.get(f"Subscription/{id_}").json["status"] == "active")
    return id_


def test_a_topic_fires_when_its_status_is_reached(writable: Hospital, hook: Endpoint) -> None:
    id_ = subscribed(writable, topic_subscription(hook.url, "encounter-complete", IN1))
    for of, status in (("in1", "in-progress"), ("in1", "finished"), ("in1", "finished"), ("in2", "finished")):
        writable.ask("PUT", f"Encounter/{of}-x", stay(f"{of}-x", of, status))
    handshake, event = hook.wait(2)
    assert [handshake.said("type"), event.said("type")] == ["handshake", "event-notification"]
    assert (handshake.said("status"), event.said("status")) == ("requested", "active")
    assert handshake.said("events-since-subscription-start") == "0"
    assert event.said("events-since-subscription-start") == "1"
    assert event.said("subscription") == {"reference": f"{BASE}/Subscription/{id_}"}
    assert event.said("topic") == f"{TOPICS}/encounter-complete"
    assert event.json["type"] == "history"
    assert (event.method, event.headers["content-type"]) == ("POST", "application/fhir+json")
    told = next(
        p for p in event.json["entry"][0]["resource"]["parameter"] if p["name"] == "notification-event"
    )
    assert [part["name"] for part in told["part"]] == ["event-number", "timestamp", "focus"]
    assert told["part"][2]["valueReference"] == {"reference": f"{BASE}/Encounter/in1-x"}
    assert event.json["entry"][1:] == [
        {
            "fullUrl": f"{BASE}/Encounter/in1-x",
            "request": {"method": "PUT", "url": "Encounter/in1-x"},
            "response": {"status": "200"},
        }
    ]
    assert defects(event.json) == ()
    assert len(hook.received) == 2


def test_the_content_is_what_was_asked_for(writable: Hospital, hook: Endpoint) -> None:
    subscribed(writable, topic_subscription(hook.url, "resource-change", IN1, content="full-resource"))
    with endpoint() as other:
        subscribed(writable, topic_subscription(other.url, "resource-change", IN1, content="empty"))
        writable.ask("PUT", "Encounter/a", stay("a"))
        writable.ask("DELETE", "Encounter/a")
        full, gone = hook.wait(3)[1:]
        assert full.json["entry"][1]["resource"]["id"] == "a"
        assert full.json["entry"][1]["resource"]["meta"]["versionId"] == "1"
        assert "resource" not in gone.json["entry"][1]
        assert gone.json["entry"][1]["request"] == {"method": "DELETE", "url": "Encounter/a"}
        for each in other.wait(3)[1:]:
            assert len(each.json["entry"]) == 1
            assert b"Encounter/a" not in each.body


def test_it_is_quiet_for_no_longer_than_its_heartbeat(writable: Hospital, hook: Endpoint) -> None:
    subscribed(writable, topic_subscription(hook.url, "resource-change", IN1, heartbeat=1))
    assert [each.said("type") for each in hook.wait(3)] == ["handshake", "heartbeat", "heartbeat"]


def test_state_and_events_can_be_asked_for(writable: Hospital, hook: Endpoint) -> None:
    id_ = subscribed(writable, topic_subscription(hook.url, "resource-change", IN1))
    for n in range(4):
        writable.ask("PUT", f"Encounter/e{n}", stay(f"e{n}"))
    hook.wait(5)
    for path in (
        f"Subscription/{id_}/$status",
        "Subscription/$status",
        f"Subscription/$status?id=none,{id_}&status=active",
    ):
        answer = writable.get(path)
        (found,) = answer.entries
        assert defects(answer.json) == ()
        values = {p["name"]: p for p in found["resource"]["parameter"]}
        assert values["status"]["valueCode"] == "active"
        assert values["type"]["valueCode"] == "query-status"
        assert values["events-since-subscription-start"]["valueString"] == "4"
    assert writable.get("Subscription/$status?status=error").entries == []
    events = writable.get(f"Subscription/{id_}/$events?eventsSinceNumber=2&eventsUntilNumber=3")
    assert [entry["fullUrl"][-2:] for entry in events.entries[1:]] == ["e1", "e2"]
    whole = writable.get(f"Subscription/{id_}/$events?content=full-resource")
    assert [entry["resource"]["id"] for entry in whole.entries[1:]] == ["e0", "e1", "e2", "e3"]
    assert writable.get(f"Subscription/{id_}/$events?eventsSinceNumber=x").status == 400
    assert writable.get(f"Subscription/{id_}/$events?content=all").status == 400
    assert writable.get("Subscription/none/$status").status == 404
    assert writable.get("Subscription/none/$events").status == 404
    writable.ask("DELETE", f"Subscription/{id_}")
    assert writable.get(f"Subscription/{id_}/$status").status == 410


def test_it_is_declared(everything: Hospital) -> None:
    rest = everything.get("/metadata").json["rest"][0]
    declared = next(r for r in rest["resource"] if r["type"] == "Subscription")
    canonical = f"{EXTENSIONS}/capabilitystatement-subscriptiontopic-canonical"
    assert {(e["url"], e["valueCanonical"].removeprefix(TOPICS)) for e in declared["extension"]} == {
        (canonical, name)
        for name in ("/resource-change", "/encounter-start", "/encounter-complete", "/report-final")
    }
    assert declared["supportedProfile"] == [f"{EXTENSIONS}/backport-subscription"]


def test_an_update_that_changes_nothing_of_the_telling_needs_no_handshake(
    writable: Hospital, hook: Endpoint
) -> None:
    id_ = subscribed(writable, topic_subscription(hook.url, "resource-change", IN1))
    stored = writable.get(f"Subscription/{id_}").json
    kept = writable.ask("PUT", f"Subscription/{id_}", stored | {"reason": "another"})
    assert kept.json["status"] == "active"
    writable.ask("PUT", "Encounter/a", stay("a"))
    moved = stored | {"channel": stored["channel"] | {"endpoint": f"{hook.url}/moved"}}
    assert writable.ask("PUT", f"Subscription/{id_}", moved).json["status"] == "requested"
    assert hook.wait(1)[0].said("type") == "handshake"
    until(lambda: writable.get(f"Subscription/{id_}").json["status"] == "active")
    writable.ask("PUT", "Encounter/a", stay("a"))
    until(lambda: hook.received[-1].path == "/hook/moved")
    until(lambda: hook.received[-1].said("events-since-subscription-start") == "2")
