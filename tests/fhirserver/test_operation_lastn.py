"""$lastn: the latest observations of a patient for each code, in the view."""

import pytest
from server_hospital import LOINC, UNKNOWN, Hospital, observation

LOCAL = "urn:local"


@pytest.fixture
def measured(writable: Hospital) -> Hospital:
    """The first inside patient with series of observations."""
    coded = {
        "t1": ([(LOINC, "8310-5")], "2026-05-01"),
        "t3": ([(LOCAL, "temp")], "2026-05-03"),
        "t2": ([(LOCAL, "temp"), (LOINC, "8310-5")], "2026-05-02"),
        "t0": ([(LOINC, "8310-5")], None),
        "p1": ([(LOINC, "8867-4")], "2026-05-01T08:00:00+02:00"),
        "p2": ([(LOINC, "8867-4")], "2026-05-01T07:30:00Z"),
    }
    for id_, (codings, day) in coded.items():
        code = {"coding": [{"system": system, "code": value} for system, value in codings]}
        when = {"effectiveDateTime": day} if day else {}
        body = {**observation(id_, "in2", **when), "code": code}
        assert writable.ask("PUT", f"/Observation/{id_}", body).status == 201
    for n, text in enumerate(("Autre", "Autre", "Autre chose")):
        body = {**observation(f"x{n}", "in2", effectiveDateTime=f"2026-04-0{n + 1}"), "code": {"text": text}}
        assert writable.ask("PUT", f"/Observation/x{n}", body).status == 201
    return writable


def found(hospital: Hospital, query: str) -> list[str]:
    answer = hospital.get(f"/Observation/$lastn?{query}")
    assert answer.status == 200, answer.body
    assert answer.json["total"] == len(answer.entries)
    return answer.ids()


def test_each_code_gives_its_latest_observation_latest_first(measured: Hospital) -> None:
    assert found(measured, "patient=in2") == ["t3", "p2", "x2", "x1", "in2-2", "in2-1", "in2-0"]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        (f"code={LOINC}|8310-5", ["t2"]),
        (f"code={LOINC}|8310-5&max=2", ["t2", "t1"]),
        (f"code={LOINC}|8310-5&max=100", ["t2", "t1", "t0"]),
        (f"code={LOINC}|8310-5,{LOCAL}|temp&max=3", ["t3", "t2", "t1"]),
        ("code=8867-4&max=2", ["p2", "p1"]),
        ("category=vital-signs", []),
        ("date=lt2026-05&code=8867-4", []),
    ],
)
def test_criteria_and_max_choose(measured: Hospital, query: str, ids: list[str]) -> None:
    assert found(measured, f"subject=Patient/in2&{query}") == ids


def test_parameters_may_come_in_a_body(measured: Hospital) -> None:
    given = [
        {"name": "patient", "valueReference": {"reference": "Patient/in2"}},
        {"name": "code", "valueString": "8867-4"},
        {"name": "max", "valuePositiveInt": 1},
    ]
    answer = measured.ask("POST", "/Observation/$lastn", {"resourceType": "Parameters", "parameter": given})
    assert answer.ids() == ["p2"]


def test_a_body_is_made_of_parameters(everything: Hospital) -> None:
    for path in ("/Observation/$lastn?patient=in1", "/Patient/in1/$everything", "/$export"):
        answer = everything.ask("POST", path, observation("x", "in1"), prefer="respond-async")
        assert answer.status == 400
        assert everything.ask("POST", path, b"patient=in1", prefer="respond-async").status == 400
        parameters = b'{"resourceType":"Parameters"}'
        sent = everything.ask("POST", path, parameters, prefer="respond-async", content_type="text/plain")
        assert sent.status == 415


def test_a_view_gets_nothing_of_others(cohort: Hospital) -> None:
    assert found(cohort, "patient=in1&max=100") == ["in1-2", "in1-1", "in1-0", "focus"]
    hidden, unknown = (cohort.get(f"/Observation/$lastn?patient={id_}") for id_ in ("out1", UNKNOWN))
    assert hidden.body.replace(b"out1", UNKNOWN.encode()) == unknown.body
    assert not hidden.entries


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("code=718-7", 400),
        ("patient=in1,in2", 400),
        ("patient=in1&subject=in2", 400),
        ("subject:missing=false", 400),
        ("patient.name=x", 400),
        ("patient=in1&max=0", 400),
        ("patient=in1&max=x", 400),
        ("patient=in1&max=1&max=2", 400),
        ("patient=in1&nothing=x", 400),
        ("patient=in1&_include=Observation:encounter", 400),
        ("patient=in1&_sort=code", 400),
    ],
)
def test_what_is_not_understood_is_refused(everything: Hospital, query: str, status: int) -> None:
    assert everything.get(f"/Observation/$lastn?{query}").status == status


def test_there_is_a_bound(everything: Hospital, monkeypatch) -> None:
    monkeypatch.setattr("lab.fhirserver.operations.lastn._CHUNK", 1)
    monkeypatch.setattr("lab.fhirserver.operations.lastn.MOST_READ", 2)
    assert everything.get("/Observation/$lastn?patient=in1").status == 400
    monkeypatch.undo()
    monkeypatch.setattr("lab.fhirserver.operations.lastn.MOST_ANSWERED", 2)
    assert everything.get("/Observation/$lastn?patient=in1").status == 400
