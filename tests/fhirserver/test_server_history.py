"""Histories of a type and of the server: newest first, whole, paged across writes, and only of the view."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from server_hospital import BASE, BOTH, COHORT, Hospital, group, member, observation, patient

from lab.fhir.view import View
from lab.fhirserver.storage.times import HOSPITAL_ZONE
from lab.model.release import Release
from lab.validation.fast import defects

pytestmark = pytest.mark.both_stores

Told = list[tuple[str, str, str]]


def told(*answers: Any) -> Told:
    """What a history says: method, resource, version."""
    return [
        (
            e["request"]["method"],
            e["fullUrl"].removeprefix(f"{BASE}/"),
            e["response"]["etag"].removeprefix('W/"').removesuffix('"'),
        )
        for answer in answers
        for e in answer.entries
    ]


def change(hospital: Hospital) -> None:
    """Change in1 twice, delete and bring back one observation, create another."""
    hospital.ask("PUT", "/Patient/in1", patient("in1", "Deux"))
    hospital.ask("DELETE", "/Observation/in1-0")
    hospital.ask("PUT", "/Observation/in1-0", observation("in1-0", "in1"))
    hospital.ask("PUT", "/Patient/in1", patient("in1", "Trois"))
    hospital.ask("DELETE", "/Observation/in2-0")


@BOTH
def test_a_history_of_a_type_is_newest_first_with_deletions(writable: Hospital) -> None:
    change(writable)
    answer = writable.get("/Observation/_history?_count=4")
    assert (answer.json["type"], "total" in answer.json) == ("history", False)
    assert told(answer)[:3] == [
        ("DELETE", "Observation/in2-0", "2"),
        ("PUT", "Observation/in1-0", "3"),
        ("DELETE", "Observation/in1-0", "2"),
    ]
    deletion, update = answer.entries[:2]
    assert "resource" not in deletion
    assert deletion["request"] == {"method": "DELETE", "url": "Observation/in2-0"}
    assert deletion["response"]["status"] == "204 No Content"
    assert update["resource"]["meta"]["versionId"] == "3"
    assert update["response"]["lastModified"] == update["resource"]["meta"]["lastUpdated"]
    assert answer.entries[3]["request"] == {"method": "POST", "url": "Observation"}
    assert answer.entries[3]["response"]["status"] == "201 Created"
    assert defects(answer.json) == ()


@BOTH
def test_a_history_of_the_server_tells_every_write_in_order(writable: Hospital, release: Release) -> None:
    change(writable)
    answer = writable.get("/_history?_count=6")
    assert told(answer)[:5] == [
        ("DELETE", "Observation/in2-0", "2"),
        ("PUT", "Patient/in1", "3"),
        ("PUT", "Observation/in1-0", "3"),
        ("DELETE", "Observation/in1-0", "2"),
        ("PUT", "Patient/in1", "2"),
    ]
    times = [e["response"]["lastModified"] for e in answer.entries]
    assert times == sorted(times, reverse=True)
    assert defects(answer.json, release) == ()


@BOTH
@pytest.mark.parametrize("count", [1, 2, 7])
@pytest.mark.parametrize("path", ["/Patient/in1/_history", "/Observation/_history", "/_history"])
def test_pages_together_are_the_whole_history(writable: Hospital, path: str, count: int) -> None:
    change(writable)
    whole = told(writable.get(f"{path}?_count=1000"))
    assert told(*writable.pages(f"{path}?_count={count}")) == whole
    assert len(set(whole)) == len(whole)


@BOTH
@pytest.mark.parametrize("path", ["/Patient/in1/_history", "/Observation/_history", "/_history"])
def test_pages_survive_writes_between_them(writable: Hospital, path: str) -> None:
    change(writable)
    whole = told(writable.get(f"{path}?_count=1000"))
    pages = [writable.get(f"{path}?_count=2&_pretty=true")]
    while (following := pages[-1].link("next")) is not None:
        writable.ask("PUT", "/Patient/in1", patient("in1", "Encore"))
        writable.ask("DELETE", "/Observation/former-0")
        writable.ask("POST", "/Observation", observation("x", "in1"))
        pages.append(writable.get(following))
    assert told(*pages) == whole
    assert all(page.body.count(b"\n") > 10 for page in pages)


@BOTH
def test_a_page_link_is_of_one_history_and_one_client(writable: Hospital) -> None:
    change(writable)
    links = {p: writable.get(f"{p}?_count=1").link("next") or "" for p in ("/_history", "/Patient/_history")}
    token = links["/_history"].partition("_page=")[2]
    assert writable.get(f"/Patient/_history?_page={token}").status == 410
    assert writable.get(f"/Patient?_page={token}").status == 410
    assert writable.get(f"{links['/_history']}&_count=9").status == 400
    for link in links.values():
        assert writable.get(link).status == 200
        assert writable.seen_through(View(COHORT.cohorts, "another")).get(link).status == 410


@BOTH
def test_since_and_at_choose_by_time(writable: Hospital) -> None:
    change(writable)
    newest, middle = (writable.get(f"/Patient/in1/_history/{n}").json["meta"]["lastUpdated"] for n in (3, 2))
    assert told(writable.get(f"/Patient/_history?_since={newest}")) == [("PUT", "Patient/in1", "3")]
    assert len(told(writable.get(f"/_history?_since={middle}"))) == 5
    # At the time of the second version that one was current, and the others in their first.
    at = told(writable.get(f"/Patient/_history?_at={middle}"))
    assert at == [("PUT", "Patient/in1", "2"), *told(writable.get("/Patient/_history"))[2:-1]]
    assert told(writable.get(f"/Patient/in1/_history?_at={middle}")) == [("PUT", "Patient/in1", "2")]
    day = datetime.fromisoformat(middle).astimezone(HOSPITAL_ZONE).date()  # a day is one of the hospital's
    assert len(told(writable.get(f"/Patient/in1/_history?_at={day}"))) == 3
    assert told(writable.get("/Patient/_history?_at=2001")) == []
    assert told(writable.get(f"/Patient/in1/_history?_since={newest}&_at={middle}")) == []


@BOTH
@pytest.mark.parametrize(
    "query",
    ["_since=yesterday", "_at=ge2020", "_count=-1", "_count=1&_count=2", "_at=2020&_at=2021", "_since="],
)
def test_a_parameter_that_cannot_be_read_is_refused(everything: Hospital, query: str) -> None:
    for path in ("/_history", "/Patient/_history", "/Patient/in1/_history"):
        answer = everything.get(f"{path}?{query}")
        assert (answer.status, answer.json["resourceType"]) == (400, "OperationOutcome")


@BOTH
def test_unknown_parameters_are_ignored_or_refused_as_the_client_prefers(everything: Hospital) -> None:
    answer = everything.get("/Patient/_history?unheard=1&_count=1&_elements=gender")
    assert answer.link("self") == f"{BASE}/Patient/_history?_count=1&_elements=gender"
    assert "name" not in answer.entries[0]["resource"]
    assert everything.get("/Patient/_history?unheard=1", prefer="handling=strict").status == 400


@BOTH
def test_a_count_of_nothing_is_an_empty_page(everything: Hospital) -> None:
    for path in ("/_history", "/Patient/_history", "/Patient/in1/_history"):
        answer = everything.get(f"{path}?_count=0")
        assert (answer.status, answer.entries, answer.link("next")) == (200, [], None)
    assert everything.get("/Patient/in1/_history?_summary=count").json["total"] == 1


def together(hospital: Hospital, full_urls: set[str]) -> Told:
    """What the histories of single resources say, in one list."""
    return [one for url in sorted(full_urls) for one in told(hospital.get(f"/{url}/_history?_count=1000"))]


def mixed(hospital: Hospital) -> None:
    """Histories that go in and out of the cohort."""
    change(hospital)
    hospital.ask("PUT", "/Observation/moved-in", observation("moved-in", "out1", note=[{"text": "secret"}]))
    hospital.ask("DELETE", "/Observation/moved-in")
    hospital.ask("PUT", "/Observation/moved-in", observation("moved-in", "in1"))
    hospital.ask("PUT", "/Observation/moved-out", observation("moved-out", "in1"))
    hospital.ask("PUT", "/Observation/moved-out", observation("moved-out", "out1"))
    hospital.ask("PUT", "/Observation/gone", observation("gone", "in2"))
    hospital.ask("DELETE", "/Observation/gone")
    hospital.ask("DELETE", "/Observation/out1-0")
    hospital.ask("PUT", "/Group/oncology", group("oncology", member("in1"), member("in2")))


@BOTH
@pytest.mark.parametrize("count", [1, 3, 1000])
@pytest.mark.parametrize(
    ("path", "wanted"),
    [("/Observation/_history", lambda url: url.startswith("Observation/")), ("/_history", lambda _: True)],
)
def test_a_confined_history_is_that_of_its_resources_together(
    writable: Hospital, confined: Hospital, path: str, wanted: Callable[[str], bool], count: int
) -> None:
    mixed(writable)
    every = {url for _, url, _ in told(*writable.pages("/_history?_count=100"))}
    got = told(*confined.pages(f"{path}?_count={count}"))
    assert sorted(got) == sorted(together(confined, {url for url in every if wanted(url)}))
    assert ("PUT", "Observation/moved-in", "3") in got
    assert not {one for one in got if one[1] in {"Observation/moved-out", "Observation/tie"}}
    assert not {one for one in got if one[1] == "Observation/moved-in" and one[2] != "3"}
    assert ("DELETE", "Observation/gone", "2") in got


@BOTH
def test_a_confined_history_is_the_same_whatever_happens_outside(
    writable: Hospital, confined: Hospital
) -> None:
    paths = ("/_history?_count=3", "/Observation/_history?_count=3", "/Patient/_history", "/Group/_history")
    before = [confined.get(path).body for path in paths]
    writable.ask("PUT", "/Observation/out1-1", observation("out1-1", "out1"))
    writable.ask("DELETE", "/Observation/out1-2")
    writable.ask("PUT", "/Patient/new", patient("new"))
    writable.ask("PUT", "/Group/cardiology", group("cardiology", member("out2")))
    writable.ask("PUT", "/Condition/c", {"resourceType": "Condition", "id": "c", "subject": {"display": "x"}})
    assert [confined.get(path).body for path in paths] == before
    assert confined.get("/Condition/_history").entries == []
    assert confined.seen_through(View()).get("/_history").entries == []


@BOTH
def test_links_of_a_confined_history_are_the_same_whatever_is_outside(
    writable: Hospital, confined: Hospital
) -> None:
    """The place of an entry is sealed by its id, not by a number that counts what is hidden."""
    link = confined.get("/_history?_count=1").link("next")
    for n in range(20):
        writable.ask("PUT", f"/Patient/extra-{n}", patient(f"extra-{n}"))
    assert confined.get("/_history?_count=1").link("next") == link
