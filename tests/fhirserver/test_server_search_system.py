"""Searches over a few types: whole, paged, of the view, and refused when they cannot be bounded."""

import pytest
from server_hospital import BASE, BOTH, COHORT, Hospital, observation, patient

from lab.fhir.view import View


def found(*answers: object) -> list[str]:
    return [e["fullUrl"].removeprefix(f"{BASE}/") for answer in answers for e in answer.entries]  # type: ignore[attr-defined]


@BOTH
def test_types_come_one_after_the_other(everything: Hospital) -> None:
    answer = everything.get("/?_type=Organization,Patient")
    assert answer.json["type"] == "searchset"
    assert found(answer) == [
        "Organization/chu",
        *(
            f"Patient/{p.json['id']}"
            for p in [everything.get(f"/Patient/{i}") for i in ("in1", "in2", "out1", "out2", "former")]
        ),
    ]
    assert {e["search"]["mode"] for e in answer.entries} == {"match"}
    assert answer.link("self") == f"{BASE}?_type=Organization,Patient"
    assert (
        found(everything.get("/?_type=Patient&_type=Organization")) == found(answer)[1:] + found(answer)[:1]
    )


@BOTH
@pytest.mark.parametrize("count", [1, 2, 3, 5, 1000])
def test_pages_together_are_the_whole(everything: Hospital, count: int) -> None:
    whole = found(everything.get("/?_type=Patient,Condition,Group,Observation&_count=1000"))
    assert len(whole) == len(set(whole)) == 24
    pages = everything.pages(f"/?_type=Patient,Condition,Group,Observation&_count={count}")
    assert found(*pages) == whole
    assert all(len(page.entries) == count for page in pages[:-1])


@BOTH
def test_pages_survive_writes(writable: Hospital) -> None:
    first = writable.get("/?_type=Patient,Observation&_count=5")
    whole = found(*writable.pages("/?_type=Patient,Observation&_count=1000"))
    writable.ask("DELETE", "/Patient/former")
    writable.ask("POST", "/Patient", patient("x"))
    rest = found(*writable.pages(first.link("next") or ""))
    assert [one for one in rest if one in whole] == whole[5:]
    writable.ask("PUT", "/Observation/late", observation("late", "in1"))
    assert "Observation/late" in found(*writable.pages(first.link("next") or ""))


@BOTH
def test_common_parameters_and_those_of_every_type_choose(writable: Hospital) -> None:
    assert found(writable.get("/?_type=Patient,Observation&_id=in1,in1-0")) == [
        "Patient/in1",
        "Observation/in1-0",
    ]
    assert sorted(found(writable.get("/?_type=Encounter,Observation&patient=in2"))) == [
        *("Encounter/stay-in2", "Observation/in2-0", "Observation/in2-1", "Observation/in2-2")
    ]
    tagged = {"tag": [{"system": "urn:t", "code": "t"}], "profile": ["urn:p"], "security": [{"code": "R"}]}
    writable.ask("PUT", "/Patient/t", patient("t", meta=tagged))
    writable.ask("PUT", "/Observation/t", observation("t", "in1", meta=tagged))
    both = ["Patient/t", "Observation/t"]
    since = writable.get("/Patient/t").json["meta"]["lastUpdated"]
    for query in ("_tag=urn:t|t", "_profile=urn:p", "_security=R", f"_lastUpdated=ge{since}"):
        assert found(writable.get(f"/?_type=Patient,Observation&{query}")) == both
    counted = writable.get("/?_type=Patient,Observation&_tag=t&_summary=count").json
    assert (counted["total"], "entry" in counted) == (2, False)
    assert writable.get("/?_type=Patient,Observation&_total=accurate&_count=1").json["total"] == 24


@BOTH
def test_a_form_is_a_search_too(everything: Hospital) -> None:
    form = everything.ask(
        "POST", "/_search", b"_type=Patient,Group&_count=3", content_type="application/x-www-form-urlencoded"
    )
    assert form.body == everything.get("/?_type=Patient,Group&_count=3").body
    assert everything.ask("POST", "/_search", b"{}", content_type="application/json").status == 415
    assert everything.get("/_search").status == 405


@BOTH
@pytest.mark.parametrize(
    "query",
    [
        "",
        "_id=in1",
        "_type=",
        "_type=Unicorn",
        "_type=Patient,Unicorn",
        "_type=Patient,Observation,Encounter,Group,Condition,Procedure,Device,List,Flag,Slot,Schedule",
        "_type=Patient,Observation&family=x",
        "_type=Patient,Observation&code=x",
        "_type=Patient&_sort=family",
        "_type=Patient&_include=Patient:organization",
        "_type=Patient&_revinclude=Observation:patient",
        "_type=Patient&_count=x",
        "_type=Patient&_summary=x",
        "_type=Patient&_lastUpdated=x",
    ],
)
def test_what_cannot_be_bounded_or_understood_is_refused(everything: Hospital, query: str) -> None:
    answer = everything.get(f"/?{query}")
    assert (answer.status, answer.json["resourceType"]) == (400, "OperationOutcome")


@BOTH
def test_a_search_without_types_says_what_is_missing(everything: Hospital) -> None:
    answer = everything.get("/?_lastUpdated=gt2020")
    assert answer.json["issue"][0]["code"] == "too-costly"
    assert "_type" in answer.diagnostics


@BOTH
def test_the_view_holds(cohort: Hospital, everything: Hospital) -> None:
    seen = found(*cohort.pages("/?_type=Patient,Observation,Condition,Group,Organization&_count=2"))
    singly = [
        f"{type_}/{id_}"
        for type_ in ("Patient", "Observation", "Condition", "Group", "Organization")
        for id_ in cohort.get(f"/{type_}?_count=1000").ids()
    ]
    assert seen == singly
    assert cohort.get("/?_type=Patient&_total=accurate").json["total"] == 2
    assert found(cohort.get("/?_type=Patient,Observation&_id=out1,out1-0")) == []
    link = cohort.get("/?_type=Patient&_count=1").link("next") or ""
    assert cohort.get(link).status == 200
    assert everything.seen_through(View(COHORT.cohorts, "another")).get(link).status == 410
    assert cohort.get(f"/Patient?{link.partition('?')[2]}").status == 410
