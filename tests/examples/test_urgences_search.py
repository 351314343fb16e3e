"""The searches of the example's facade find exactly what is asked, and refuse what they cannot answer."""

from urllib.parse import quote

import pytest
from facade_side import ids, outcome

CLASS = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
GENDER = "http://hl7.org/fhir/administrative-gender"


@pytest.mark.parametrize(
    ("search", "numbers"),
    [
        ("Patient?_id=pat-000001", [1]),
        ("Patient?_id=pat-000001,pat-000003", [1, 3]),
        ("Patient?gender=male", [1, 3, 5, 7, 9]),
        (f"Patient?gender={quote(GENDER + '|male')}", [1, 3, 5, 7, 9]),
        (f"Patient?gender={quote(GENDER + '|')}", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("Patient?gender=%7Cmale", []),
        ("Patient?gender=urn:x%7Cmale", []),
        ("Patient?gender=unheard-of", []),
        ("Patient?gender:not=male", [2, 4, 6, 8]),
        ("Patient?gender:missing=true", []),
        ("Patient?gender=male&birthdate=lt1955", [1, 3]),
        ("Patient?birthdate=1951-01-12", [1]),
        ("Patient?birthdate=1951", [1]),
        ("Patient?birthdate=1951-01,1953-03", [1, 3]),
        ("Patient?birthdate=ne1951", [2, 3, 4, 5, 6, 7, 8, 9]),
        ("Patient?birthdate=gt1958-08-12", [9]),
        ("Patient?birthdate=ge1958-08-12", [8, 9]),
        ("Patient?birthdate=le1951-01-12", [1]),
        ("Patient?birthdate=sa1958", [9]),
        ("Patient?birthdate=eb1952", [1]),
        ("Patient?_lastUpdated=lt2000", []),
        ("Patient?_lastUpdated=ge2000-01-01T00:00:00Z", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("Encounter?patient=pat-000001", [1]),
        ("Encounter?patient=Patient/pat-000006", [6, 10, 11]),
        ("Encounter?patient:Patient=pat-000001", [1]),
        ("Encounter?patient=Group/pat-000001", []),
        ("Encounter?patient=https://elsewhere.example/fhir/Patient/pat-000001", []),
        ("Encounter?status=finished", [10]),
        ("Encounter?status=http://hl7.org/fhir/encounter-status%7Cfinished", [10]),
        ("Encounter?status=finished,cancelled&patient=pat-000006", [10]),
        ("Encounter?class=EMER&patient=pat-000001", [1]),
        (f"Encounter?class={quote(CLASS + '|EMER')}&patient=pat-000001", [1]),
        ("Encounter?class=%7CEMER", []),
        ("Encounter?location=loc-urg-rangueil", [7, 8, 9, 11]),
        ("Encounter?location=Location/loc-urg-rangueil&status:not=in-progress", []),
        (
            "Encounter?date=ge2023-06-15T11:00:00%2B02:00&status=in-progress&location=loc-urg-rangueil",
            [7, 8, 9, 11],
        ),
        ("Encounter?date=lt2023-06-15T01:45:00%2B02:00", [1]),
        ("Encounter?date=lt2023-06-14T23:45:00Z", [1]),
    ],
)
def test_search_finds_exactly_what_is_asked(http, search, numbers):
    assert [int(found[-6:]) for found in ids(http.get(search))] == numbers


def test_search_by_absolute_reference_of_our_own(board, http):
    assert ids(http.get(f"Encounter?patient={board.base}/Patient/pat-000001")) == ["enc-000001"]


def test_post_search_equals_get_and_both_places_count(http):
    by_get = http.get("Patient?gender=male&_count=3").json()
    by_post = http.post("Patient/_search?_count=3", data={"gender": "male"}).json()
    assert by_get["entry"] == by_post["entry"]
    assert by_get["total"] == by_post["total"] == 5
    outcome(http.post("Patient/_search", json={"gender": "male"}), 415)


def test_bundle_has_the_links_and_modes_of_a_searchset(board, http):
    bundle = http.get("Patient?gender=male&nonsense=1&_count=2").json()
    assert (bundle["resourceType"], bundle["type"], bundle["total"]) == ("Bundle", "searchset", 5)
    links = {link["relation"]: link["url"] for link in bundle["link"]}
    assert links["self"] == f"{board.base}/Patient?gender=male&_count=2"
    assert set(links) == {"self", "next"}
    for entry in bundle["entry"]:
        assert entry["search"] == {"mode": "match"}
        assert entry["fullUrl"] == f"{board.base}/Patient/{entry['resource']['id']}"


def test_pages_together_hold_every_match_once(http):
    found, url = [], "Encounter?_count=4"
    while url:
        page = http.get(url)
        found += ids(page)
        url = next((link["url"] for link in page.json()["link"] if link["relation"] == "next"), None)
    assert found == [f"enc-{n:06}" for n in range(1, 12)]


def test_include_brings_each_target_once_and_outside_the_total(http):
    bundle = http.get(
        "Encounter?patient=pat-000006&_include=Encounter:location&_include=Encounter:patient"
    ).json()
    entries = [
        (entry["search"]["mode"], entry["fullUrl"].rpartition("/fhir/")[2]) for entry in bundle["entry"]
    ]
    assert bundle["total"] == 3
    assert [one for mode, one in entries if mode == "match"] == [f"Encounter/enc-{n:06}" for n in (6, 10, 11)]
    included = [one for mode, one in entries if mode == "include"]
    assert sorted(included) == ["Location/loc-urg-purpan", "Location/loc-urg-rangueil", "Patient/pat-000006"]
    assert "_include=Encounter" in bundle["link"][0]["url"]
    strict = {"Prefer": "handling=strict"}
    outcome(http.get("Encounter?_include=Encounter:episode-of-care", headers=strict), 400)


def test_no_empty_array_is_sent(http):
    assert "entry" not in http.get("Patient?_id=nobody").json()
    assert "entry" not in http.get("Patient?_count=0").json()
    assert http.get("Patient?_count=0").json()["total"] == 9


def test_unknown_parameters_are_ignored_or_refused_as_asked(http):
    assert len(ids(http.get("Patient?favourite-colour=blue"))) == 9
    outcome(http.get("Patient?favourite-colour=blue", headers={"Prefer": "handling=strict"}), 400)


@pytest.mark.parametrize(
    "search",
    [
        "Patient?birthdate=foo",
        "Patient?birthdate=2024-13-01",
        "Patient?birthdate=2023-02-30",
        "Patient?birthdate=",
        "Patient?birthdate=xx2024",
        "Patient?gender=",
        "Patient?gender=a%7Cb%7Cc",
        "Patient?gender:text=male",
        "Patient?birthdate:not=1951",
        "Patient?_id=not an id",
        "Patient?_count=-1",
        "Patient?_count=many",
        "Patient?_count=1000000000",
        "Patient?_id=" + ",".join(["x"] * 1000),
        "Encounter?patient=%C3%A9",
        "Encounter?date=2023-06-15T10",
        "Patient?gender=%FF",
        "Patient?gender",
        "Patient?" + "&".join(["gender=male"] * 200),
    ],
)
def test_invalid_searches_are_refused(http, search):
    outcome(http.get(search), 400)


def test_commas_can_be_escaped(http):
    assert ids(http.get("Patient?gender=male%5C,female")) == []
