"""The example asks for what it needs, follows pages as given, and forgets what it may no longer see."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from fake_hospital import now
from hospital_side import poll, with_poller
from sample_urgences import PURPAN, encounter, masked_patient, patient
from tableau_urgences.board import Board
from tableau_urgences.page import render


def test_first_poll_is_bounded_by_the_hospitals_clock_and_the_next_one_by_the_watermark(hospital, tmp_path):
    poll(hospital, tmp_path, times=2)
    first, second = (one.query["_lastUpdated"] for one in hospital.asked("/fhir/Encounter", "GET"))
    day_ago = datetime.now(UTC) - timedelta(hours=24)
    assert abs(datetime.fromisoformat(first.removeprefix("ge")) - day_ago) < timedelta(seconds=5)
    overlap = datetime.now(UTC) - datetime.fromisoformat(second.removeprefix("ge"))
    assert timedelta(seconds=29) < overlap < timedelta(seconds=36)


def test_watermark_falls_back_on_the_date_header(hospital, tmp_path):
    hospital.stamp_bundles = False
    poller = poll(hospital, tmp_path)
    assert abs(poller.watermark - datetime.now(UTC)) < timedelta(seconds=5)


def test_every_page_is_followed_exactly_as_given(hospital, tmp_path):
    hospital.page_size = 2
    poller = poll(hospital, tmp_path)
    assert len(poller.board.held["Encounter"]) == 11
    assert len(poller.board.held["Patient"]) == 9
    pages = hospital.asked("/fhir/pages/")
    assert {one.path.rpartition("/")[2] for one in pages} == set(hospital.pages)
    assert all(one.query["k"].startswith("/") and one.status == 200 for one in pages)
    assert not {"_page", "_offset", "page"} & {name for one in hospital.asked() for name in one.parameters}


def test_paging_stops_on_a_cycle(hospital, tmp_path):
    hospital.page_size = 4
    first = []

    def cycle(url: str) -> str:
        first.append(url)
        return first[0]

    hospital.next_override = cycle
    poller = poll(hospital, tmp_path)
    assert len(hospital.asked("/fhir/pages/")) <= 5
    assert poller.watermark is None


def test_incomplete_pages_remove_nobody(hospital, tmp_path):
    async def use(poller):
        await poller.round()
        hospital.page_size = 1
        hospital.next_override = lambda url: url.replace("127.0.0.1", "127.0.0.2")
        await poller.round()
        assert len(poller.board.held["Patient"]) == 9

    with_poller(hospital, tmp_path, use)


def test_empty_pages_outcomes_and_includes_are_told_apart(hospital, tmp_path):
    hospital.extra_entries = [
        {"resource": {"resourceType": "OperationOutcome", "issue": []}, "search": {"mode": "outcome"}},
        {"resource": patient(99), "search": {"mode": "include"}},
        {"resource": encounter(99, 99), "search": {"mode": "include"}},
        {"resource": None},
        "not an object",
    ]
    poller = poll(hospital, tmp_path)
    assert "pat-000099" not in poller.board.held["Patient"]
    assert "enc-000099" not in poller.board.held["Encounter"]
    assert len(poller.board.held["Patient"]) == 9


def test_a_patient_nobody_asked_for_is_rejected(hospital, tmp_path):
    hospital.extra_entries = [{"resource": patient(77), "search": {"mode": "match"}}]
    assert "pat-000077" not in poll(hospital, tmp_path).board.held["Patient"]


def test_patient_data_never_stands_in_a_url(hospital, tmp_path):
    poll(hospital, tmp_path, times=2)
    for one in hospital.asked():
        assert "pat-" not in f"{one.path}{one.query}"
    assert all(one.method == "POST" for one in hospital.asked("/fhir/Patient"))


def test_searches_are_scoped_small_and_identified(hospital, tmp_path):
    poll(hospital, tmp_path, times=2)
    for one in hospital.asked():
        assert one.headers["accept"] == "application/fhir+json"
        assert one.headers["user-agent"] == "ExempleSante/tableau-urgences/1.0.0"
        assert int(one.parameters.get("_count", 0)) <= 100
        assert {"_id", "_lastUpdated", "location"} & set(one.parameters) or "/Location/" in one.path
    ids = [one.headers["x-request-id"] for one in hospital.seen]
    assert len(ids) == len(set(ids))


def test_nothing_is_ever_written(hospital, tmp_path):
    poll(hospital, tmp_path, times=12)
    assert {one.method for one in hospital.asked()} <= {"GET", "POST"}
    assert all(one.path.endswith("_search") for one in hospital.asked(method="POST"))


def test_more_patients_than_a_batch_are_asked_for_in_batches(hospital, tmp_path):
    hospital.resources.pop("Patient")
    for n in range(1, 251):
        hospital.put(patient(n), encounter(n, n))
    hospital.resources["Encounter"].pop("enc-000251", None)
    poller = poll(hospital, tmp_path)
    assert len(poller.board.held["Patient"]) == 250
    assert all(len(one.form["_id"].split(",")) <= 100 for one in hospital.asked("/fhir/Patient"))


def test_a_patient_who_leaves_the_cohort_is_purged_at_the_next_poll(hospital, tmp_path):
    async def use(poller):
        await poller.round()
        del hospital.resources["Patient"]["pat-000001"]
        hospital.resources["Encounter"].pop("enc-000001")
        await poller.round()
        assert "pat-000001" not in poller.board.held["Patient"]
        assert "enc-000001" not in poller.board.held["Encounter"]
        before = len(hospital.seen)
        await poller.round()
        assert all("pat-000001" not in str(one.form) for one in hospital.seen[before:])

    with_poller(hospital, tmp_path, use)


def test_a_deleted_encounter_leaves_the_board(hospital, tmp_path):
    async def use(poller):
        await poller.round()
        hospital.resources["Encounter"].pop("enc-000002")
        for _ in range(10):
            await poller.round()
        assert "enc-000002" not in poller.board.held["Encounter"]
        assert "pat-000002" not in poller.board.held["Patient"]

    with_poller(hospital, tmp_path, use)


def test_a_changed_encounter_is_taken_and_an_older_version_is_not():
    board = Board()
    board.put(encounter(1, 1, meta={"lastUpdated": "2024-01-01T10:00:00Z", "versionId": "2"}))
    board.put(
        encounter(1, 1, status="planned", meta={"lastUpdated": "2024-01-01T10:00:00Z", "versionId": "1"})
    )
    assert board.held["Encounter"]["enc-000001"]["status"] == "in-progress"
    board.put(
        encounter(
            1, 1, status="finished", meta={"lastUpdated": "2024-01-01T11:00:00+01:00", "versionId": "10"}
        )
    )
    assert board.held["Encounter"]["enc-000001"]["status"] == "finished"


def test_only_emergency_encounters_are_kept(hospital, tmp_path):
    stay = encounter(50, 1)
    stay["class"] = {"code": "IMP"}
    hospital.extra_entries = [{"resource": stay, "search": {"mode": "match"}}]
    assert "enc-000050" not in poll(hospital, tmp_path).board.held["Encounter"]


def test_encounters_ended_and_unchanged_for_a_day_are_forgotten():
    board = Board()
    old = {"lastUpdated": (datetime.now(UTC) - timedelta(hours=25)).isoformat()}
    board.put(encounter(1, 1, status="finished", meta=old))
    board.put(encounter(2, 2, status="in-progress", meta=old))
    board.put(encounter(3, 3, status="finished", meta={"lastUpdated": now()}))
    board.put(patient(1))
    board.settle(datetime.now(UTC))
    assert list(board.held["Encounter"]) == ["enc-000002", "enc-000003"]
    assert board.held["Patient"] == {}


@pytest.mark.parametrize(
    "more",
    [
        {"modifierExtension": [{"url": "urn:x", "valueBoolean": True}]},
        {"implicitRules": "urn:x"},
        {"participant": [{"modifierExtension": [{"url": "urn:x"}]}]},
    ],
)
def test_a_record_with_an_unknown_modifier_is_flagged_and_not_used(hospital, tmp_path, more):
    hospital.put(encounter(1, 1, **more))
    board = poll(hospital, tmp_path, times=2).board
    assert "enc-000001" not in board.held["Encounter"]
    assert board.flagged == {("Encounter", "enc-000001")}


def test_unknown_extensions_and_codes_are_tolerated(hospital, tmp_path):
    hospital.put(encounter(1, 1, status="new-in-r7", extension=[{"url": "urn:x", "valueDecimal": 1.010}]))
    assert poll(hospital, tmp_path).board.held["Encounter"]["enc-000001"]["status"] == "new-in-r7"


def test_elements_of_the_wrong_shape_do_not_stop_the_poll(hospital, tmp_path):
    broken = [
        {**encounter(60 + n, 1, PURPAN), field: junk}
        for n, junk in enumerate([None, 7, "x", [], [[]], {}, [{"a": None}]])
        for field in (
            "subject",
            "participant",
            "period",
            "location",
            "reasonCode",
            "meta",
            "class",
            "id",
            "status",
        )
    ]
    hospital.extra_entries = [{"resource": one, "search": {"mode": "match"}} for one in broken]
    board = poll(hospital, tmp_path).board
    assert board.ready
    assert len(board.held["Patient"]) == 9
    assert "</html>" in render(board, datetime.now(UTC))


def test_masked_patients_are_kept(hospital, tmp_path):
    hospital.put(masked_patient(1))
    assert "pat-000001" in poll(hospital, tmp_path).board.held["Patient"]


def test_a_restart_resumes_from_the_checkpoint(hospital, tmp_path):
    state = tmp_path / "state.json"
    poll(hospital, tmp_path, state_file=state)
    assert set(json.loads(state.read_text())) == {"watermark", "encounters", "deleted"}
    assert state.stat().st_mode & 0o077 == 0
    before = len(hospital.seen)
    poller = poll(hospital, tmp_path, state_file=state)
    first = next(
        one for one in hospital.seen[before:] if one.method == "GET" and one.path == "/fhir/Encounter"
    )
    since = datetime.fromisoformat(first.query["_lastUpdated"].removeprefix("ge"))
    assert datetime.now(UTC) - since < timedelta(minutes=1)
    assert len(poller.board.held["Encounter"]) == 11


@pytest.mark.parametrize("content", ["", "[]", '{"watermark": 3, "encounters": {}}', '{"encounters": [1]}'])
def test_a_damaged_checkpoint_is_a_fresh_start(hospital, tmp_path, content):
    state = tmp_path / "state.json"
    state.write_text(content)
    assert poll(hospital, tmp_path, state_file=state).board.ready
