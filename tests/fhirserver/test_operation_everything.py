"""$everything: the compartment and what it refers to, in the view, page by page."""

import pytest
from server_hospital import Answer, Hospital, observation, patient


def given(answer: Answer, mode: str = "match") -> list[str]:
    """Return ``Type/id`` of the entries of a mode."""
    assert answer.status == 200, answer.body
    found = [e["resource"] for e in answer.entries if e["search"]["mode"] == mode]
    return [f"{r['resourceType']}/{r['id']}" for r in found]


OWN = [f"Observation/{id_}" for id_ in ("in1-0", "in1-1", "in1-2", "tie", "focus")]


def test_a_patient_comes_with_all_that_is_about_it(everything: Hospital) -> None:
    answer = everything.get("/Patient/in1/$everything")
    assert (answer.json["resourceType"], answer.json["type"]) == ("Bundle", "searchset")
    assert given(answer) == ["Patient/in1", "Encounter/stay-in1", *OWN]
    assert set(given(answer, "include")) == {"Organization/chu", "Practitioner/doctor"}


def test_nobody_else_comes_along(everything: Hospital) -> None:
    found = everything.get("/Patient/in1/$everything")
    assert "Patient/out1" not in [*given(found), *given(found, "include")]
    assert "Observation/tie" in given(everything.get("/Patient/out1/$everything"))


def test_a_view_gets_what_it_sees(cohort: Hospital) -> None:
    assert given(cohort.get("/Patient/in1/$everything")) == [
        *("Patient/in1", "Encounter/stay-in1", "Observation/in1-0", "Observation/in1-1"),
        *("Observation/in1-2", "Observation/focus"),
    ]


@pytest.mark.parametrize("path", ["Patient/{}/$everything", "Encounter/stay-{}/$everything"])
def test_what_is_hidden_is_what_never_existed(cohort: Hospital, path: str) -> None:
    for query in ("", "?_count=1", "?_type=Observation", "?start=2026"):
        hidden, unknown = (cohort.get(f"/{path.format(id_)}{query}") for id_ in ("out1", "never-existed"))
        assert (hidden.status, hidden.body) == (404, unknown.body)


def test_an_encounter_comes_with_its_patient(everything: Hospital, cohort: Hospital) -> None:
    for asked in (everything, cohort):
        answer = asked.get("/Encounter/stay-in1/$everything")
        assert given(answer) == ["Encounter/stay-in1", *OWN[:3]]
        assert given(answer, "include") == ["Patient/in1"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("_type=Observation", OWN),
        ("_type=Observation,Patient", ["Patient/in1", *OWN]),
        ("_since=2999-01-01", []),
        ("_since=2020-01-01T00:00:00Z&_type=Patient", ["Patient/in1"]),
        (
            "start=2026-03-01T11:00:00%2B01:00&end=2026-03-01T11:45:00%2B01:00&_type=Observation",
            [OWN[1], *OWN[3:]],
        ),
        ("end=2025&_type=Encounter,Patient", ["Patient/in1"]),
    ],
)
def test_parameters_choose(everything: Hospital, query: str, found: list[str]) -> None:
    assert given(everything.get(f"/Patient/in1/$everything?{query}")) == found


def test_parameters_may_come_in_a_body(everything: Hospital) -> None:
    body = {"resourceType": "Parameters", "parameter": [{"name": "_type", "valueCode": "Encounter"}]}
    assert given(everything.ask("POST", "/Patient/in1/$everything", body)) == ["Encounter/stay-in1"]
    assert given(everything.ask("POST", "/Patient/in1/$everything?_type=Patient")) == ["Patient/in1"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("_elements=id", 400),
        ("name=x", 400),
        ("_type=Organization", 400),
        ("_type=Unicorn", 400),
        ("_since=x", 400),
        ("start=x", 400),
        ("_count=x", 400),
        ("_page=x", 410),
        ("_type:not=Patient", 400),
        ("_format=xml", 406),
    ],
)
def test_what_is_not_understood_is_refused(everything: Hospital, query: str, status: int) -> None:
    assert everything.get(f"/Patient/in1/$everything?{query}").status == status


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_give_everything_once(everything: Hospital, size: int) -> None:
    pages = everything.pages(f"/Patient/in1/$everything?_count={size}")
    assert [match for page in pages for match in given(page)] == ["Patient/in1", "Encounter/stay-in1", *OWN]
    assert all(len(given(page)) == size for page in pages[:-1])


def test_a_page_starts_where_the_one_before_ended_whatever_is_written(writable: Hospital) -> None:
    first = writable.get("/Patient/in1/$everything?_count=3")
    assert given(first)[-1] == "Observation/in1-0"
    writable.ask("DELETE", "/Observation/in1-0")
    writable.ask("DELETE", "/Observation/in1-1")
    writable.ask("PUT", "/Observation/later", observation("later", "in1"))
    writable.ask("PUT", "/Observation/other", observation("other", "in2"))
    second = writable.get(first.link("next") or "")
    assert given(second) == ["Observation/in1-2", "Observation/tie", "Observation/focus"]
    assert given(writable.get(second.link("next") or "")) == ["Observation/later"]


def test_a_link_is_for_one_client_and_one_patient(everything: Hospital, cohort: Hospital) -> None:
    link = everything.get("/Patient/in1/$everything?_count=1").link("next") or ""
    assert cohort.get(link).status == 410
    assert everything.get(link.replace("/in1/", "/in2/")).status == 410


def test_a_link_gives_nothing_that_has_left_the_view(writable: Hospital, confined: Hospital) -> None:
    link = confined.get("/Patient/in1/$everything?_count=1").link("next") or ""
    writable.ask(
        "PUT",
        "/Group/oncology",
        {"resourceType": "Group", "id": "oncology", "type": "person", "actual": True},
    )
    assert confined.get(link).status == 404


def test_a_deleted_patient_is_gone(writable: Hospital) -> None:
    writable.ask("PUT", "/Patient/short", patient("short"))
    writable.ask("DELETE", "/Patient/short")
    assert writable.get("/Patient/short/$everything").status == 410
