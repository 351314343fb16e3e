"""A Subscription in the form of R4 alone: what matches is sent, in order, and nothing else."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from server_hospital import Hospital, StoreAt, hospital
from subscriber import Endpoint, endpoint, subscription, until

from lab.fhir.cohort import WHOLE
from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.storage.store import Store
from lab.fhirserver.subscriptions import sender, watching
from lab.fhirserver.subscriptions.matching import meeting
from lab.fhirserver.subscriptions.plan import Plan

FHIR_PATCH = {"content_type": "application/json-patch+json"}


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "PACE", sender.Pace(2.0, (0.02, 0.02, 0.02, 0.02), 0.05))


def stay(id_: str, of: str = "in1", status: str = "in-progress") -> dict[str, object]:
    return {
        "resourceType": "Encounter",
        "id": id_,
        "status": status,
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "subject": {"reference": f"Patient/{of}"},
    }


def subscribed(hospital: Hospital, resource: dict[str, object]) -> str:
    answer = hospital.ask("POST", "Subscription", resource)
    assert answer.status == 201, answer.body
    assert answer.json["status"] == "active"
    return str(answer.json["id"])


def test_every_kind_of_write_that_matches_is_told(writable: Hospital, hook: Endpoint) -> None:
    subscribed(writable, subscription(hook.url, header=["X-Key: secret one"]))
    writable.ask("PUT", "Encounter/a", stay("a"))
    writable.ask("PUT", "Encounter/other", stay("other", "in2"))
    writable.ask("PUT", "Encounter/a", stay("a", status="finished"))
    change = [{"op": "replace", "path": "/status", "value": "onleave"}]
    assert writable.ask("PATCH", "Encounter/a", change, **FHIR_PATCH).status == 200
    writable.ask("DELETE", "Encounter/other")
    writable.ask("DELETE", "Encounter/a")
    writable.ask("DELETE", "Encounter/a")  # changes nothing
    writable.ask("POST", "Encounter", stay("b"))
    got = hook.wait(5)
    assert [(each.method, each.path, each.body) for each in got] == [("POST", "/hook", b"")] * 5
    assert all(each.headers["x-key"] == "secret one" for each in got)
    assert all("content-type" not in each.headers for each in got)


def test_with_a_payload_the_resource_of_the_event_is_put(writable: Hospital, hook: Endpoint) -> None:
    subscribed(writable, subscription(f"{hook.url}/?t=1", payload="application/fhir+json"))
    for status in ("in-progress", "onleave", "finished"):
        writable.ask("PUT", "Encounter/a", stay("a", status=status))
    writable.ask("DELETE", "Encounter/a")
    got = hook.wait(4)
    assert hook.paths(4) == ["PUT /hook/Encounter/a?t=1"] * 3 + ["POST /hook/?t=1"]
    assert [(e.json["meta"]["versionId"], e.json["status"]) for e in got[:3]] == [
        ("1", "in-progress"),
        ("2", "onleave"),
        ("3", "finished"),
    ]
    assert got[0].headers["content-type"] == "application/fhir+json"


def test_a_transaction_is_told_as_it_ends(writable: Hospital, hook: Endpoint) -> None:
    subscribed(
        writable, subscription(hook.url, "Encounter?patient.family=Neuf", payload="application/fhir+json")
    )
    new = {"resourceType": "Patient", "name": [{"family": "Neuf"}]}
    entries = [
        {
            "resource": stay("x", "nobody") | {"subject": {"reference": "urn:uuid:p"}},
            "fullUrl": "urn:uuid:e",
            "request": {"method": "POST", "url": "Encounter"},
        },
        {
            "resource": new,
            "fullUrl": "urn:uuid:p",
            "request": {"method": "PUT", "url": "Patient?identifier=z"},
        },
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    assert writable.ask("POST", "", bundle).status == 200
    refused = {**bundle, "entry": [entries[0], {"request": {"method": "GET", "url": "Patient/never"}}]}
    assert writable.ask("POST", "", refused).status == 404
    writable.ask("PUT", "Patient/in1", {"resourceType": "Patient", "id": "in1", "name": [{"family": "Neuf"}]})
    writable.ask("PUT", "Encounter/last", stay("last"))
    got = hook.wait(2)
    assert len(got) == 2
    assert got[1].path == "/hook/Encounter/last"


def test_off_and_deletion_stop_it_and_asking_again_starts_it(writable: Hospital, hook: Endpoint) -> None:
    id_ = subscribed(writable, subscription(hook.url))
    stored = writable.get(f"Subscription/{id_}").json
    assert writable.ask("PUT", f"Subscription/{id_}", stored | {"status": "off"}).json["status"] == "off"
    writable.ask("PUT", "Encounter/a", stay("a"))
    again = writable.ask("PUT", f"Subscription/{id_}", stored | {"status": "active", "error": "none"}).json
    assert (again["status"], "error" in again) == ("active", False)
    writable.ask("PUT", "Encounter/b", stay("b"))
    hook.wait(1)
    assert writable.ask("DELETE", f"Subscription/{id_}").status == 204
    writable.ask("PUT", "Encounter/c", stay("c"))
    other = subscribed(writable, subscription(hook.url, "Patient"))
    writable.ask("PUT", "Patient/z", {"resourceType": "Patient", "id": "z"})
    assert len(hook.wait(2)) == 2
    assert other != id_


def test_it_ends_at_its_end(writable: Hospital, hook: Endpoint) -> None:
    past = subscription(hook.url) | {"end": "2020-01-01T00:00:00Z"}
    id_ = subscribed(writable, past)
    writable.ask("PUT", "Encounter/a", stay("a"))
    until(lambda: writable.get(f"Subscription/{id_}").json["status"] == "off")
    assert hook.received == []


def test_what_was_not_sent_is_sent_after_a_restart(tmp_path: Path, hook: Endpoint, store_at: StoreAt) -> None:
    backend = EmbeddedBackend(store_at(tmp_path / "again.db"), page_key=b"p" * 32)
    backend.load(hospital())
    first = Hospital(backend)
    hook.delay_s = 1.0
    subscribed(first, subscription(hook.url, payload="application/fhir+json"))
    for n in range(3):
        first.ask("PUT", f"Encounter/e{n}", stay(f"e{n}"))
    hook.wait(1)
    backend.close()
    hook.delay_s = 0.0
    backend = EmbeddedBackend(store_at(tmp_path / "again.db"), page_key=b"p" * 32)
    until(lambda: hook.received[-1].path == "/hook/Encounter/e2")
    backend.close()
    names = [each.path.rpartition("/")[2] for each in hook.received]
    assert names[-3:] == ["e0", "e1", "e2"]
    assert names[0] == "e0"


def test_a_confined_client_writes_no_subscription(
    writable: Hospital, confined: Hospital, hook: Endpoint
) -> None:
    opened = confined.seen_through(
        type(confined.view)({**confined.view.cohorts, "Subscription": WHOLE}, binding="client-a/1")
    )
    id_ = subscribed(writable, subscription(hook.url))
    mine = subscription(hook.url)
    for client in (confined, opened):
        assert client.ask("POST", "Subscription", mine).status == 403
        assert client.get(f"Subscription/{id_}/$status").status == 404
        assert client.get(f"Subscription/{id_}/$events").status == 404
    taken = opened.ask("PUT", f"Subscription/{id_}", mine | {"id": id_})
    assert taken.status == 403
    assert opened.ask("DELETE", f"Subscription/{id_}").status == 403
    assert opened.ask("PUT", "Subscription/new", mine | {"id": "new"}).status == 403
    change = [{"op": "replace", "path": "/status", "value": "off"}]
    assert opened.ask("PATCH", f"Subscription/{id_}", change, **FHIR_PATCH).status == 403
    assert writable.get(f"Subscription/{id_}").json["status"] == "active"


def test_one_transaction_costs_one_look_for_each_subscription(
    writable: Hospital, hook: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []

    def counting(store: Store, plan: Plan, ks: Iterable[int]) -> frozenset[int]:
        looks.append(1)
        return meeting(store, plan, ks)

    monkeypatch.setattr(watching, "meeting", counting)
    writable.ask("PUT", "Encounter/a", stay("a"))
    assert looks == []
    subscribed(writable, subscription(hook.url, "Encounter?status=planned"))
    entries = [
        {"resource": stay(f"t{n}", status="planned"), "request": {"method": "PUT", "url": f"Encounter/t{n}"}}
        for n in range(20)
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    assert writable.ask("POST", "", bundle).status == 200
    assert len(looks) == 1
    writable.ask("PUT", "Patient/in1", {"resourceType": "Patient", "id": "in1"})
    assert len(looks) == 1
    assert len(hook.wait(20)) == 20


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_it_is_sent_to_this_machine_by_any_of_its_names(
    writable: Hospital, hook: Endpoint, host: str
) -> None:
    subscribed(writable, subscription(hook.url.replace("127.0.0.1", host)))
    writable.ask("PUT", "Encounter/a", stay("a"))
    (got,) = hook.wait(1)
    assert (got.method, got.path) == ("POST", "/hook")
    assert got.headers["host"].partition(":")[0] == host


def test_no_proxy_is_used(writable: Hospital, hook: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    with endpoint() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "")
        subscribed(writable, subscription(hook.url))
        writable.ask("PUT", "Encounter/a", stay("a"))
        assert hook.paths(1) == ["POST /hook"]
        assert proxy.received == []
