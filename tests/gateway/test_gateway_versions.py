"""What a client with masks sees of versions, and what it may write over: on a real platform."""

import pytest

CONSTANT = "A parameter of this request is not available to this application."
ADDRESS = [{"city": "Muret", "line": ["1 rue de l'Église"]}]


@pytest.fixture
def patient(full):
    """A patient whose hidden part was changed twice and the rest once; the times of these versions."""
    made = full.request("POST", "Patient", body(gender="female")).json()
    times = [made["meta"]["lastUpdated"]]
    for changed in ({"gender": "female"}, {"gender": "male"}, {"gender": "male", "birthDate": "1950-01-01"}):
        address = [{"city": f"Auch {len(times)}"}]
        sent = {**body(**changed), "id": made["id"], "address": address}
        times.append(full.request("PUT", f"Patient/{made['id']}", sent).json()["meta"]["lastUpdated"])
    return made["id"], times


def body(**more):
    return {"resourceType": "Patient", "address": ADDRESS, **more}


def test_a_change_of_what_is_hidden_is_invisible(full, callers, patient):
    id_, _ = patient
    masked = callers["patcher"]
    before = masked.get(f"Patient/{id_}")
    whole = full.get(f"Patient/{id_}").json()
    hidden = full.request("PUT", f"Patient/{id_}", {**whole, "address": [{"city": "Lourdes"}]})
    assert hidden.json()["meta"]["versionId"] != whole["meta"]["versionId"]
    after = masked.get(f"Patient/{id_}")
    assert after.content == before.content
    assert after.headers["etag"] == before.headers["etag"] == f'W/"{before.json()["meta"]["versionId"]}"'
    assert "last-modified" not in after.headers
    unchanged = masked.request("GET", f"Patient/{id_}", headers={"If-None-Match": before.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    seen = full.request("PUT", f"Patient/{id_}", {**hidden.json(), "gender": "other"})
    assert masked.get(f"Patient/{id_}").headers["etag"] != before.headers["etag"]
    assert masked.get(f"Patient/{id_}").json()["meta"]["lastUpdated"] == seen.json()["meta"]["lastUpdated"]


def test_the_order_of_members_makes_no_version(full, callers, patient):
    id_, times = patient
    masked = callers["patcher"]
    before = masked.get(f"Patient/{id_}").headers["etag"]
    whole = full.get(f"Patient/{id_}").json()
    turned = {name: whole[name] for name in ("resourceType", "id", *reversed([*whole][2:]))}
    assert full.request("PUT", f"Patient/{id_}", turned).status_code == 200
    assert masked.get(f"Patient/{id_}").headers["etag"] == before
    history = masked.get(f"Patient/{id_}/_history").json()
    assert history["entry"][0]["resource"]["meta"]["lastUpdated"] == times[3]


def test_a_poll_finds_what_changed_visibly_and_nothing_else(callers, patient):
    id_, times = patient
    masked = callers["patcher"]
    found = [
        len(masked.get("Patient", _id=id_, _lastUpdated=f"{prefix}{time}").json().get("entry", []))
        for prefix, time in (("ge", times[3]), ("gt", times[3]), ("lt", times[3]), ("eq", times[2]))
    ]
    assert found == [1, 0, 0, 0]
    assert masked.get(f"Patient/{id_}").json()["meta"]["lastUpdated"] == times[3]


def test_a_history_shows_the_versions_that_look_different(callers, patient):
    id_, times = patient
    masked = callers["patcher"]
    history = masked.get(f"Patient/{id_}/_history").json()
    assert [entry["resource"]["meta"]["lastUpdated"] for entry in history["entry"]] == [
        times[3],
        times[2],
        times[0],
    ]
    assert history["total"] == 3
    for entry in history["entry"]:
        version = entry["resource"]["meta"]["versionId"]
        assert entry["response"]["etag"] == f'W/"{version}"'
        one = masked.get(f"Patient/{id_}/_history/{version}")
        assert one.json() == entry["resource"]
    assert [masked.get(f"Patient/{id_}/_history/{v}").status_code for v in ("1", "4", "99")] == [404] * 3


@pytest.mark.parametrize("path", ["_history", "{}/_history?_since=2026", "{}/_history?_at=2026"])
def test_the_times_of_versions_are_not_told(callers, patient, path):
    answer = callers["patcher"].get("Patient/" + path.format(patient[0]))
    assert (answer.status_code, CONSTANT in answer.text) == (400, True)


def test_what_is_written_back_keeps_what_is_hidden(full, callers, patient):
    id_, _ = patient
    masked = callers["patcher"]
    read = masked.get(f"Patient/{id_}")
    sent = {**read.json(), "gender": "unknown"}
    written = masked.request("PUT", f"Patient/{id_}", sent, headers={"If-Match": read.headers["etag"]})
    assert written.status_code == 200
    assert written.json()["gender"] == "unknown"
    assert "address" not in written.json()
    assert written.headers["location"].endswith(f"/_history/{written.json()['meta']['versionId']}")
    stored = full.get(f"Patient/{id_}").json()
    assert (stored["gender"], stored["address"]) == ("unknown", [{"city": "Auch 3"}])
    stale = masked.request("PUT", f"Patient/{id_}", sent, headers={"If-Match": read.headers["etag"]})
    assert stale.status_code == 412


@pytest.mark.parametrize("there", [True, False])
def test_what_is_sent_for_what_is_hidden_is_refused_whether_it_is_there_or_not(full, callers, there):
    made = full.request("POST", "Patient", body() if there else {"resourceType": "Patient"}).json()
    sent = {"resourceType": "Patient", "id": made["id"], "address": [{"city": "Toulouse"}]}
    answer = callers["patcher"].request("PUT", f"Patient/{made['id']}", sent)
    assert (answer.status_code, answer.json()["issue"][0]["diagnostics"]) == (400, CONSTANT)
    assert full.get(f"Patient/{made['id']}").json().get("address") == (ADDRESS if there else None)


def test_a_transaction_of_a_masked_client_writes_over_nothing_by_version(callers, patient):
    id_, _ = patient
    sent = {"resourceType": "Patient", "id": id_}
    entry = {"resource": sent, "request": {"method": "PUT", "url": f"Patient/{id_}"}}
    assert callers["patcher"].bundle("transaction", entry).status_code == 400
    answers = callers["patcher"].bundle("batch", entry).json()["entry"]
    assert answers[0]["response"]["status"] == "200", answers


def test_a_search_in_a_transaction_is_seen_as_any(callers, patient):
    id_, _ = patient
    masked = callers["patcher"]
    answer = masked.bundle("transaction", {"request": {"method": "GET", "url": f"Patient?_id={id_}"}}).json()
    inside = answer["entry"][0]["resource"]["entry"][0]["resource"]
    assert inside == masked.get(f"Patient/{id_}").json()
