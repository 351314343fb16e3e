"""Levels 4 and 5 of the example's own facade, attacked over real HTTP: cohort and attributes."""

import json

import pytest
from facade_side import INSIDE, MOVED, OUTSIDE, UNKNOWN, bearer, fhir, ids, same
from sample_urgences import PURPAN, department, encounter, patient
from tableau_urgences.board import Board
from tableau_urgences.facade.consumers import Consumer
from tableau_urgences.facade.view import Views
from urgences_board import running_board, until

# Level 4: cohort


@pytest.fixture
def purpan(board):
    return bearer(board, "partenaire-purpan")


def test_cohort_is_complete_and_nothing_more(board, purpan):
    assert ids(fhir(board, "Patient?_count=1000", purpan)) == [f"pat-{n:06}" for n in range(1, 6)]
    assert ids(fhir(board, "Encounter", purpan)) == [f"enc-{n:06}" for n in range(1, 6)]
    assert len(ids(fhir(board, "Patient", bearer(board)))) == 9
    assert len(ids(fhir(board, "Encounter", bearer(board)))) == 11


def test_a_record_outside_is_not_opened_by_the_one_that_it_replaces():
    purpan = Consumer("partenaire-purpan", (), frozenset({PURPAN}), frozenset())
    board = Board()
    link = [{"other": {"reference": f"Patient/{OUTSIDE}"}, "type": "replaced-by"}]
    for one in department():
        board.put({**one, "link": link} if one["id"] == INSIDE else one)
    view = Views(board).of(purpan)
    assert OUTSIDE not in view["Patient"]
    assert OUTSIDE not in json.dumps(view["Patient"][INSIDE])


def test_no_narrative_is_passed_on_to_anybody():
    script = '<div xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></div>'
    board = Board()
    for one in department():
        board.put({**one, "text": {"status": "generated", "div": script}})
    view = Views(board).of(Consumer("partenaire-complet", (), None, frozenset()))
    assert len(view["Patient"]) == 9
    assert "text" not in {name for kept in view.values() for one in kept.values() for name in one}


def test_sites_are_those_of_the_consumer(board):
    whole, part = (
        bearer(board, client, "system/Location.rs") for client in ("partenaire-complet", "partenaire-purpan")
    )
    assert ids(fhir(board, "Location", whole)) == ["loc-urg-purpan", "loc-urg-rangueil"]
    assert ids(fhir(board, "Location", part)) == ["loc-urg-purpan"]
    hidden, unknown = (
        fhir(board, f"Location/{id_}", part) for id_ in ("loc-urg-rangueil", "loc-urg-nowhere")
    )
    assert same(hidden) == same(unknown)


@pytest.mark.parametrize("outside", [OUTSIDE, MOVED])
def test_outside_reads_like_an_id_that_never_existed(board, purpan, outside):
    for form in (
        "Patient/{}",
        "Patient/{}/_history/1",
        "Patient/{}/_history",
        "Patient/{}/$everything",
        "Patient/{}/*",
    ):
        hidden = fhir(board, form.format(outside), purpan)
        assert hidden.status_code in {400, 404}
        assert same(hidden) == same(fhir(board, form.format(UNKNOWN), purpan))
        assert outside not in hidden.text
    assert same(fhir(board, "Encounter/enc-000007", purpan)) == same(fhir(board, "Encounter/enc-9", purpan))


def test_outside_is_not_found_by_id_or_reference(board, purpan):
    assert ids(fhir(board, f"Patient?_id={OUTSIDE}", purpan)) == []
    assert ids(fhir(board, f"Patient?_id={INSIDE},{OUTSIDE}", purpan)) == [INSIDE]
    for name in ("patient", "subject", "patient:Patient"):
        for form in (
            OUTSIDE,
            f"Patient/{OUTSIDE}",
            f"{board.base}/Patient/{OUTSIDE}",
            f"Patient/{OUTSIDE}/_history/1",
        ):
            assert ids(fhir(board, f"Encounter?{name}={form}", purpan)) == []
    assert fhir(board, "Encounter?patient.family=Martin7", purpan).status_code == 400
    assert fhir(board, "Patient?_has:Encounter:patient:status=x", purpan).status_code == 400


def test_totals_count_the_view_only(board, purpan):
    assert fhir(board, "Patient", purpan).json()["total"] == 5
    assert fhir(board, "Patient?_summary=count", purpan).json()["total"] == 5
    assert fhir(board, "Patient?_count=0", purpan).json()["total"] == 5
    assert fhir(board, f"Patient?_id={INSIDE},{OUTSIDE}", purpan).json()["total"] == 1


@pytest.mark.parametrize("narrowing", ["_security=VIP", "_tag=x", "location=loc-urg-rangueil"])
def test_a_parameter_of_the_client_never_widens_the_cohort(board, purpan, narrowing):
    type_ = "Encounter" if "location" in narrowing else "Patient"
    assert all(int(found[-6:]) <= 5 for found in ids(fhir(board, f"{type_}?{narrowing}", purpan)))


def test_page_links_are_bound_to_the_consumer_and_cannot_be_edited(board, purpan):
    first = fhir(board, "Patient?_count=2", bearer(board)).json()
    url = next(link["url"] for link in first["link"] if link["relation"] == "next")
    assert url.startswith(f"{board.base}/Patient?")
    assert "pat-" not in url
    path = url.removeprefix(board.url)
    assert ids(board.get(path, headers=bearer(board))) == ["pat-000003", "pat-000004"]
    assert board.get(path, headers=purpan).status_code == 410
    assert board.get(path, headers={}).status_code == 401
    for edited in (
        path[:-6] + "AAAAAA",
        path[:40],
        path + "A",
        path + "%3D",
        path.replace("Patient", "Encounter"),
    ):
        answer = board.get(edited, headers=bearer(board))
        assert answer.status_code == 410
        assert answer.json()["resourceType"] == "OperationOutcome"
    assert board.get(f"{path}&gender=male", headers=bearer(board)).status_code == 400


def test_pages_hold_full_pages_of_the_view(board, purpan):
    sizes, found, path = [], [], "/fhir/Patient?_count=2"
    while path:
        page = board.get(path, headers=purpan)
        found += ids(page)
        sizes.append(len(ids(page)))
        nexts = [link["url"] for link in page.json()["link"] if link["relation"] == "next"]
        path = nexts[0].removeprefix(board.url) if nexts else ""
    assert sizes == [2, 2, 1]
    assert found == [f"pat-{n:06}" for n in range(1, 6)]


def test_a_patient_who_leaves_the_hospitals_cohort_leaves_the_facade_within_five_seconds(hospital, tmp_path):
    with running_board(hospital, tmp_path, BOARD_POLL_INTERVAL_S="0.2") as board:
        until(lambda: board.get("/health").status_code == 200)
        headers = bearer(board)
        path = fhir(board, "Patient?_count=1", headers).json()["link"][1]["url"].removeprefix(board.url)
        del hospital.resources["Patient"]["pat-000002"]
        del hospital.resources["Encounter"]["enc-000002"]
        until(lambda: fhir(board, "Patient/pat-000002", headers).status_code == 404, 5)
        assert ids(board.get(path, headers=headers)) == ["pat-000003"]
        assert same(fhir(board, "Patient/pat-000002", headers)) == same(fhir(board, "Patient/zzz", headers))
        assert "pat-000002" not in json.dumps(board.state())


# Level 5: attributes

SECRETS = ("Martin", "Zoé", "195")


@pytest.mark.parametrize(
    "path",
    [
        f"Patient/{INSIDE}",
        "Patient",
        "Patient?_elements=name,birthDate",
        "Patient?_summary=data",
        "Patient?_summary=text",
        "Patient?_format=json",
        "Encounter",
        "Encounter/enc-000001",
    ],
)
def test_masked_values_appear_nowhere(board, purpan, path):
    answer = fhir(board, path, purpan)
    assert answer.status_code == 200
    assert not [secret for secret in SECRETS if secret in f"{answer.text}{answer.headers}"]


@pytest.mark.parametrize("accept", ["application/fhir+xml", "text/turtle", "application/fhir+ndjson"])
def test_no_other_format_escapes_the_mask(board, purpan, accept):
    assert fhir(board, f"Patient/{INSIDE}", {**purpan, "Accept": accept}).status_code == 406


def test_masked_resource_says_so_and_keeps_the_rest(board, purpan):
    shown = fhir(board, f"Patient/{INSIDE}", purpan).json()
    whole = fhir(board, f"Patient/{INSIDE}", bearer(board)).json()
    assert whole["name"][0]["family"] == "Martin1"
    assert shown["gender"] == whole["gender"]
    assert shown["identifier"] == whole["identifier"]
    assert shown["_birthDate"]["extension"][0]["valueCode"] == "masked"
    assert shown["name"] == [shown["_birthDate"]]
    assert shown["meta"]["tag"][0]["code"] == "SUBSETTED"
    assert {"text", "birthDate"}.isdisjoint(shown)


@pytest.mark.parametrize(
    "search",
    [
        "birthdate={}",
        "birthdate:missing={}",
        "family={}",
        "name={}",
        "given:exact={}",
        "phonetic={}",
        "name:contains={}",
        "_filter=name eq {}",
        "_content={}",
        "_text={}",
        "_query={}",
        "_sort=birthdate&x={}",
        "_sort=-family&x={}",
        "_sort=gender,birthdate&x={}",
    ],
)
def test_searching_on_a_masked_element_gets_one_answer_whatever_the_value(board, purpan, search):
    right, wrong = (
        fhir(board, "Patient?" + search.format(value), purpan) for value in ("1951-01-12", "nobody")
    )
    assert right.status_code == 400
    assert same(right) == same(wrong)


def test_chains_to_a_masked_element_are_refused(board, purpan):
    for search in ("patient.birthdate=1951-01-12", "subject:Patient.name=Martin1"):
        assert fhir(board, f"Encounter?{search}", purpan).status_code == 400


def test_masked_searches_are_not_advertised_to_that_consumer(board, purpan):
    def offered(headers):
        patient_part = fhir(board, "metadata", headers).json()["rest"][0]["resource"][-1]
        return {parameter["name"] for parameter in patient_part["searchParam"]}

    assert offered({}) - offered(purpan) == {"birthdate"}


def test_a_change_of_masked_values_only_is_invisible(hospital, tmp_path):
    with running_board(hospital, tmp_path) as board:
        until(lambda: board.get("/health").status_code == 200)
        headers = bearer(board, "partenaire-purpan")
        before = same(fhir(board, f"Patient/{INSIDE}", headers))
        changed = patient(1, "Renommé", "male", "1999-12-31")
        changed["meta"] = {"versionId": "2", "lastUpdated": "2099-01-01T00:00:00Z"}
        hospital.put(changed)
        complete = bearer(board)
        until(lambda: "Renommé" in fhir(board, f"Patient/{INSIDE}", complete).text)
        assert same(fhir(board, f"Patient/{INSIDE}", headers)) == before
        hospital.put(
            changed | {"gender": "other", "meta": {"versionId": "3", "lastUpdated": "2099-01-02T00:00:00Z"}}
        )
        until(lambda: '"other"' in fhir(board, f"Patient/{INSIDE}", headers).text)
        assert fhir(board, f"Patient/{INSIDE}", headers).headers["etag"] == 'W/"3"'


def test_links_and_labels_tell_nothing_of_strangers(hospital, tmp_path):
    merged = patient(1)
    merged["link"] = [
        {"other": {"reference": "Patient/pat-000007", "display": "Martin7"}, "type": "seealso"},
        {"other": {"reference": "Patient/pat-000002"}, "type": "seealso"},
    ]
    related = encounter(1, 1, PURPAN)
    related["diagnosis"] = [{"condition": {"reference": "Patient/pat-000007", "display": "Martin7"}}]
    hospital.put(merged, related)
    with running_board(hospital, tmp_path) as board:
        until(lambda: board.get("/health").status_code == 200)
        headers = bearer(board, "partenaire-purpan")
        shown = fhir(board, f"Patient/{INSIDE}", headers).json()
        assert [link["other"]["reference"] for link in shown["link"]] == ["Patient/pat-000002"]
        assert "Martin" not in fhir(board, "Encounter/enc-000001", headers).text


def test_records_that_the_hospital_labels_restricted_are_not_passed_on(hospital, tmp_path):
    vip = patient(1)
    vip["meta"] = {
        "security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "V"}]
    }
    hospital.put(vip)
    with running_board(hospital, tmp_path) as board:
        until(lambda: board.get("/health").status_code == 200)
        assert fhir(board, f"Patient/{INSIDE}", bearer(board)).status_code == 404
        assert "MARTIN1" in board.get("/").text
