"""The view holds in every sub-query: what is outside of it gives the answers of what never existed."""

import pytest
from server_hospital import (
    BOTH,
    COHORT,
    EITHER,
    INS,
    INSIDE,
    ONCOLOGY,
    OUTSIDE,
    UNKNOWN,
    Hospital,
    group,
    member,
    observation,
    patient,
    written,
)

from lab.fhir.view import View
from lab.model.release import Release

HIDDEN = [
    ("Patient", "out1"),
    ("Patient", "out2"),
    ("Patient", "former"),
    ("Observation", "out1-0"),
    ("Observation", "tie"),
    ("Encounter", "stay-out1"),
    ("Group", "cardiology"),
    ("Condition", "any"),
]


@BOTH
@pytest.mark.parametrize(("type_", "id_"), HIDDEN)
@pytest.mark.parametrize("suffix", ["", "/_history/1", "/_history", "?_elements=id"])
def test_reading_what_is_hidden_is_reading_what_never_was(
    cohort: Hospital, type_: str, id_: str, suffix: str
) -> None:
    hidden, unknown = cohort.get(f"/{type_}/{id_}{suffix}"), cohort.get(f"/{type_}/{UNKNOWN}{suffix}")
    assert hidden.response == unknown.response
    assert hidden.status == 404
    assert id_ not in hidden.diagnostics


@BOTH
def test_the_inside_is_read_whole(cohort: Hospital) -> None:
    for path in (
        "Patient/in1",
        "Encounter/stay-in2",
        "Observation/in2-1",
        "Organization/chu",
        "Group/oncology",
    ):
        assert cohort.get(f"/{path}").status == 200


@BOTH
def test_a_search_without_criteria_gives_exactly_the_cohort(cohort: Hospital) -> None:
    assert cohort.ids("/Patient") == sorted(INSIDE)
    assert cohort.ids("/Observation?_count=1000") == [
        *("focus", "in1-0", "in1-1", "in1-2", "in2-0", "in2-1", "in2-2")
    ]
    assert cohort.ids("/Group") == ["oncology"]
    assert cohort.get("/Patient?_summary=count").json["total"] == 2
    assert cohort.get("/Patient?_total=accurate&_count=1").json["total"] == 2


@BOTH
def test_a_type_beyond_the_view_is_empty(cohort: Hospital) -> None:
    assert cohort.ids("/Condition") == []
    assert cohort.seen_through(View()).ids("/Patient") == []


@BOTH
@pytest.mark.parametrize(
    "url",
    [
        "Patient?_id=out1",
        "Observation?patient=Patient/out1",
        "Observation?patient=http://hospital.test/fhir/Patient/out1",
        "Observation?patient=Patient/out1/_history/1",
        "Observation?patient:Patient=out1",
        "Observation?subject=out1",
        f"Observation?patient.identifier={INS}|ins-out1",
        "Observation?patient.family=Lefebvre",
        "Observation?focus:Patient.family=Lefebvre",
        "Observation?focus:Patient.identifier=ins-out1",
        "Observation?code=secret",
        "Patient?_has:Observation:patient:code=secret",
        "Patient?_has:Observation:focus:code=718-7",
        "Patient?_has:Encounter:patient:_id=stay-out1",
        "Organization?_has:Patient:organization:family=Lefebvre",
        "Practitioner?_has:Patient:general-practitioner:_has:Observation:patient:code=secret",
        "Observation?encounter.subject:Patient.family=Lefebvre",
        "Group?member=Patient/out1&_id=cardiology",
        "Group?_id=cardiology",
    ],
)
def test_hidden_data_match_nothing(cohort: Hospital, url: str) -> None:
    answer = cohort.get(f"/{url}")
    assert (answer.status, answer.ids()) == (200, [])


@BOTH
def test_the_hidden_matches_exist_for_the_hospital(everything: Hospital) -> None:
    assert everything.ids("/Observation?focus:Patient.family=Lefebvre") == ["focus"]
    assert everything.ids("/Patient?_has:Observation:focus:code=718-7") == ["out1"]
    assert everything.ids("/Organization?_has:Patient:organization:family=Lefebvre") == ["chu"]
    assert everything.ids("/Observation?encounter.subject:Patient.family=Lefebvre") == [
        *("out1-0", "out1-1", "out1-2")
    ]


@BOTH
def test_how_long_a_chain_may_be_depends_on_no_data(cohort: Hospital, everything: Hospital) -> None:
    two = "_has:Encounter:patient:_has:Observation:encounter:code=718-7"
    three = "Observation?encounter.subject:Patient.organization.name=CHU"
    assert cohort.get(f"/Patient?{two}").status == 200
    refused = cohort.get(f"/{three}")
    assert (refused.status, refused.json["issue"][0]["code"]) == (400, "too-costly")
    assert everything.get(f"/{three}").status == 200


@BOTH
def test_negations_do_not_open_the_view(cohort: Hospital) -> None:
    assert cohort.ids("/Patient?gender:not=unknown") == sorted(INSIDE)
    assert cohort.ids("/Patient?birthdate:missing=false") == sorted(INSIDE)
    assert cohort.ids("/Patient?_id=in1,out1") == ["in1"]
    assert cohort.ids("/Patient?_security=x&_id=out1") == []
    assert cohort.ids("/Patient?family=L,M,P,O") == sorted(INSIDE)


@BOTH
def test_includes_bring_nothing_from_outside(cohort: Hospital) -> None:
    forward = cohort.get("/Observation?code=718-7&_include=Observation:focus&_include=Observation:performer")
    assert forward.ids("include") == []
    patients = cohort.get("/Observation?_id=focus&_include=Observation:subject&_include=Observation:focus")
    assert patients.ids("include") == ["in1"]
    backward = cohort.get("/Organization?_id=chu&_revinclude=Patient:organization")
    assert sorted(backward.ids("include")) == sorted(INSIDE)
    iterated = cohort.get(
        "/Observation?_id=in1-0&_include=Observation:subject&_include:iterate=Patient:organization"
        "&_revinclude:iterate=Patient:organization&_revinclude:iterate=Observation:subject"
    )
    assert set(iterated.ids("include")) >= {"in1", "chu", "in2", "in2-0"}
    assert not {i for i in iterated.ids("include") if i.startswith(OUTSIDE)}


@BOTH
def test_a_type_beyond_the_view_is_not_included(everything: Hospital) -> None:
    narrow = everything.seen_through(View({"Observation": ONCOLOGY}, "narrow"))
    answer = narrow.get("/Observation?_id=in1-0&_include=Observation:subject&_include=Observation:encounter")
    assert (answer.ids(), answer.ids("include")) == (["in1-0"], [])


@BOTH
def test_pages_are_full_whatever_lies_between(cohort: Hospital) -> None:
    pages = cohort.pages("/Observation?_count=3&_sort=date")
    assert [len(p.ids()) for p in pages] == [3, 3, 1]
    assert len({i for p in pages for i in p.ids()}) == 7


@BOTH
def test_batch_entries_hide_as_reads_do(cohort: Hospital) -> None:
    urls = ["Patient/out1", f"Patient/{UNKNOWN}", "http://hospital.test/fhir/Patient/out1", "/Patient/out1"]
    entries = [
        {"request": {"method": "GET", "url": url}} for url in [*urls, "../Patient/out1", "Patient/in1"]
    ]
    answer = cohort.ask("POST", "/", {"resourceType": "Bundle", "type": "batch", "entry": entries}).entries
    assert answer[0] == answer[1] == answer[2] == answer[3]
    assert answer[0]["response"]["status"] == "404 Not Found"
    assert answer[4]["response"]["status"].startswith("400")
    assert answer[5]["resource"]["id"] == "in1"


@BOTH
def test_a_deletion_is_known_to_those_who_saw_the_resource(writable: Hospital, confined: Hospital) -> None:
    for id_ in ("in1-0", "out1-0"):
        assert writable.ask("DELETE", f"/Observation/{id_}").status == 204
    assert confined.get("/Observation/in1-0").status == 410
    assert confined.get("/Observation/in1-0/_history/1").status == 200
    hidden, unknown = confined.get("/Observation/out1-0"), confined.get(f"/Observation/{UNKNOWN}")
    assert hidden.response == unknown.response
    assert writable.get("/Observation/out1-0").status == 410


@BOTH
def test_versions_about_an_outside_patient_stay_hidden(writable: Hospital, confined: Hospital) -> None:
    writable.ask("PUT", "/Observation/moved", observation("moved", "out1", note=[{"text": "secret"}]))
    writable.ask("PUT", "/Observation/moved", observation("moved", "in1"))
    history = confined.get("/Observation/moved/_history")
    assert [e["resource"]["meta"]["versionId"] for e in history.entries] == ["2"]
    assert history.json["total"] == 1
    first = confined.get("/Observation/moved/_history/1")
    assert first.response == confined.get("/Observation/moved/_history/9").response
    assert writable.get("/Observation/moved/_history/1").status == 200


@BOTH
def test_the_cohort_follows_its_group_at_once(
    writable: Hospital, confined: Hospital, release: Release
) -> None:
    page = confined.get("/Patient?_count=1").link("next")
    other = written(group("oncology", member("in1"), member("out1")), release)
    writable.ask("PUT", "/Group/oncology", other)
    assert confined.ids("/Patient") == ["in1", "out1"]
    assert confined.get("/Patient/in2").status == 404
    assert confined.get(page or "").ids() == ["out1"]
    assert writable.backend.members("oncology") == {"in1", "out1"}
    inactive = {**written(group("oncology", member("in1")), release), "active": False}
    writable.ask("PUT", "/Group/oncology", inactive)
    assert confined.ids("/Patient") == []
    writable.ask("DELETE", "/Group/oncology")
    assert writable.backend.members("oncology") == frozenset()


@BOTH
def test_members_are_those_of_now(everything: Hospital) -> None:
    assert everything.backend.members("oncology") == {"in1", "in2"}
    assert everything.backend.members("nothing") == frozenset()


@BOTH
def test_several_groups_open_their_union(everything: Hospital) -> None:
    both = everything.seen_through(View(dict.fromkeys(COHORT.cohorts, EITHER), "both"))
    assert both.ids("/Patient") == ["in1", "in2", "out1"]
    assert "tie" in both.ids("/Observation?_count=100")


@BOTH
def test_two_worlds_that_differ_in_hidden_data_look_alike(confined: Hospital, writable: Hospital) -> None:
    asked = [
        "/Patient?_count=1&_total=accurate",
        "/Observation?_sort=-date&_count=2",
        "/Observation?code=718-7&_include=Observation:focus",
        "/Patient?_has:Observation:patient:code=718-7",
        "/Encounter?_summary=count",
        "/Patient/extra",
    ]
    before = [confined.get(url).body for url in asked]
    writable.ask("PUT", "/Patient/extra", patient("extra", "Lefèvre", birthDate="1950-01-15"))
    writable.ask(
        "PUT", "/Observation/extra", observation("extra", "extra", focus=[{"reference": "Patient/in1"}])
    )
    writable.ask("DELETE", "/Patient/out2")
    assert [confined.get(url).body for url in asked] == before
