"""An endpoint that fails is tried again a few times, then the Subscription is in error and says why."""

import logging
import socket
import time

import pytest
from server_hospital import Hospital
from subscriber import Endpoint, endpoint, subscription, topic_subscription, until
from test_subscription_rest_hook import stay, subscribed

from lab.fhirserver.subscriptions import sender, watching


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "PACE", sender.Pace(0.3, (0.02, 0.02, 0.02, 0.02), 0.05))


def error_of(hospital: Hospital, id_: str) -> str:
    until(lambda: hospital.get(f"Subscription/{id_}").json["status"] == "error")
    return str(hospital.get(f"Subscription/{id_}").json["error"])


def test_five_tries_then_error_then_nothing(
    writable: Hospital, hook: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    hook.status = 503
    id_ = subscribed(writable, subscription(hook.url, header=["X-Key: secret"]))
    writable.ask("PUT", "Encounter/a", stay("a"))
    assert error_of(writable, id_) == "The endpoint answered 503. Tried 5 times."
    assert len(hook.received) == 5
    writable.ask("PUT", "Encounter/b", stay("b"))
    hook.status = 200
    asked = writable.get(f"Subscription/{id_}").json | {"status": "requested"}
    assert "error" not in writable.ask("PUT", f"Subscription/{id_}", asked).json
    writable.ask("PUT", "Encounter/c", stay("c"))
    assert len(hook.wait(6)) == 6  # neither a nor b: it has started again
    assert "secret" not in caplog.text


def test_a_failure_that_passes_loses_nothing_and_keeps_the_order(writable: Hospital, hook: Endpoint) -> None:
    hook.status = 500
    id_ = subscribed(writable, subscription(hook.url, payload="application/fhir+json"))
    writable.ask("PUT", "Encounter/a", stay("a"))
    hook.wait(2)
    hook.status = 200
    writable.ask("PUT", "Encounter/b", stay("b"))
    until(lambda: hook.received[-1].path.endswith("/b"))
    assert {each.path[-1] for each in hook.received[:-1]} == {"a"}
    assert writable.get(f"Subscription/{id_}").json["status"] == "active"


def test_a_redirection_is_not_followed(writable: Hospital, hook: Endpoint) -> None:
    with endpoint() as elsewhere:
        hook.status, hook.location = 307, elsewhere.url
        id_ = subscribed(writable, subscription(hook.url))
        writable.ask("PUT", "Encounter/a", stay("a"))
        assert "redirections are not followed" in error_of(writable, id_)
        assert elsewhere.received == []


def test_one_that_hangs_holds_up_nobody(writable: Hospital, hook: Endpoint) -> None:
    with endpoint() as slow:
        slow.delay_s = 1.0
        id_ = subscribed(writable, subscription(slow.url))
        subscribed(writable, subscription(hook.url))
        begun = time.monotonic()
        assert writable.ask("PUT", "Encounter/a", stay("a")).status == 201
        assert time.monotonic() - begun < 1.4  # five tries of 0.3 s would be longer
        hook.wait(1)
        assert error_of(writable, id_) == "The endpoint did not answer within 0.3 seconds. Tried 5 times."


def test_nobody_listens(writable: Hospital) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/hook"
        id_ = subscribed(writable, subscription(url))
        writable.ask("PUT", "Encounter/a", stay("a"))
        assert error_of(writable, id_) == "The endpoint could not be reached. Tried 5 times."


def test_a_handshake_that_fails(writable: Hospital, hook: Endpoint) -> None:
    hook.status = 404
    resource = topic_subscription(hook.url, "resource-change", "Encounter?patient=Patient/in1")
    answer = writable.ask("POST", "Subscription", resource)
    assert answer.json["status"] == "requested"
    assert error_of(writable, answer.json["id"]) == "The endpoint answered 404. Tried 5 times."


def test_too_many_events_stop_it(writable: Hospital, hook: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MOST_WAITING", 3)
    hook.delay_s = 0.25
    id_ = subscribed(writable, subscription(hook.url))
    for n in range(6):
        assert writable.ask("PUT", f"Encounter/e{n}", stay(f"e{n}")).status == 201
    assert "too slow" in error_of(writable, id_)
