"""Each type of search parameter, as the specification defines it."""

from collections.abc import Iterator
from typing import Any

import pytest
from server_hospital import LOINC, UCUM, Hospital, StoreAt, observation, patient, quantity

from lab.fhirserver.backend import EmbeddedBackend


def resources() -> Iterator[dict[str, Any]]:
    category = "http://terminology.hl7.org/CodeSystem/observation-category"
    yield patient("a", "Lefèvre", birthDate="1980-05-12", telecom=[{"system": "phone", "value": "0561"}])
    yield patient("b", "LEFEVRE-Œhler", birthDate="1980-05", active=True)
    yield patient(
        "c", "D'Alembert, fils", birthDate="1980", address=[{"city": "Saint-Étienne", "line": ["1"]}]
    )
    yield {"resourceType": "Patient", "id": "d", "gender": "male", "meta": {"tag": [{"code": "vip"}]}}
    yield observation("day", "a", effectiveDateTime="2026-03-29")
    yield observation("night", "a", effectiveDateTime="2026-03-29T00:30:00+01:00")
    yield observation("after", "a", effectiveDateTime="2026-03-29T03:30:00+02:00")
    yield observation("span", "a", effectivePeriod={"start": "2026-03-28", "end": "2026-03-30"})
    yield observation("open", "a", effectivePeriod={"start": "2026-03-30T12:00:00Z"})
    yield observation("q5", "b", valueQuantity=quantity(5.4))
    yield observation("q6", "b", valueQuantity=quantity(5.46, "mmol/L"))
    yield observation("below", "b", valueQuantity={**quantity(0.5), "comparator": "<"})
    yield observation("money", "b", "mass", valueQuantity={"value": 5.4, "unit": "gram"})
    yield observation(
        "two",
        "c",
        category=[{"coding": [{"system": category, "code": "laboratory"}, {"code": "own"}]}],
        performer=[{"identifier": {"system": "urn:rpps", "value": "123"}, "type": "Practitioner"}],
    )
    yield observation(
        "canon", "http://elsewhere.test/fhir/Patient/a"[0:1], focus=[{"reference": "urn:uuid:1"}]
    )
    yield {**observation("far", "a"), "subject": {"reference": "http://elsewhere.test/fhir/Patient/a"}}
    yield {**observation("near", "a"), "subject": {"reference": "Patient/b/_history/2"}}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, store_at: StoreAt) -> Iterator[Hospital]:
    backend = EmbeddedBackend(store_at(tmp_path_factory.mktemp("search") / "s.db"), page_key=b"p" * 32)
    backend.load(resources())
    yield Hospital(backend)
    backend.close()


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("family=lefevre", "a b"),
        ("family=Lefèvre", "a b"),
        ("family:exact=Lefèvre", "a"),
        ("family:contains=oehl", "b"),
        ("family:contains=FEVRE", "a b"),
        ("name=zoe", "a b c"),
        ("name=fevre", ""),
        ("family=D'Alembert\\, fils", "c"),
        ("family=d'alembert", "c"),
        ("address-city=saint-etienne", "c"),
        ("address=saint", "c"),
        ("phone=0561", "a"),
        ("email=0561", ""),
        ("family=lefevre&given=zoe&active=true", "b"),
        ("family:missing=true", "d"),
        ("family:missing=false", "a b c"),
        ("_tag=vip", "d"),
        ("_tag:not=vip", "a b c"),
        ("_id=a,d", "a d"),
        ("_id=a&_id=d", ""),
        ("_lastUpdated=ge2020", "a b c d"),
        ("_lastUpdated=lt2020", ""),
        ("gender=http://hl7.org/fhir/administrative-gender|male", "d"),
        ("gender=urn:other|male", ""),
        ("birthdate=1980-05-12", "a"),
        ("birthdate=1980-05", "a b"),
        ("birthdate=1980", "a b c"),
        ("birthdate=ne1980-05", "c"),
        ("birthdate=sa1980-05-11", "a"),
        ("birthdate=ge1980-05-12,lt1970", "a b c"),
    ],
)
def test_patients(store: Hospital, query: str, ids: str) -> None:
    assert " ".join(store.ids(f"/Patient?{query}")) == ids


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("date=2026-03-29", "after day night"),
        ("date=2026-03-28T23:30:00Z", "night"),
        ("date=2026-03-29T00:30", "night"),
        ("date=eq2026-03", "after day night span"),
        ("date=gt2026-03-29", "open span"),
        ("date=lt2026-03-29", "span"),
        ("date=sa2026-03-29", "open"),
        ("date=eb2026-03-29T02:00:00%2B01:00", "night"),
        ("date=ge2026-03-29&date=lt2026-03-29T03:00:00%2B02:00", "day night span"),
        ("date=ap2026-03-29T00:30:00%2B01:00&code=nothing", ""),
        ("date:missing=true&subject=Patient/b", "below money near q5 q6"),
        ("value-quantity=5.4", "money q5"),
        ("value-quantity=5", "money q5 q6"),
        ("value-quantity=5.40", "money q5"),
        ("value-quantity=5.46", "q6"),
        ("value-quantity=gt5.4", "q6"),
        ("value-quantity=ge5.4", "money q5 q6"),
        ("value-quantity=lt5.4", "below"),
        ("value-quantity=le5.4", "below money q5"),
        ("value-quantity=ne5.4", "below q6"),
        ("value-quantity=ap5.6", "money q5 q6"),
        (f"value-quantity=5.4|{UCUM}|g/dL", "q5"),
        ("value-quantity=5.4||gram", "money"),
        ("value-quantity=5.4||g/dL", "q5"),
        (f"value-quantity=5.4|{UCUM}|mmol/L", ""),
        ("code=mass", "money"),
        (f"code={LOINC}|mass", "money"),
        ("code=|mass", ""),
        ("category=laboratory", "two"),
        ("category=|own", "two"),
        ("category=http://terminology.hl7.org/CodeSystem/observation-category|", "two"),
        ("category=|laboratory", ""),
        ("category:not=laboratory&subject=Patient/c", ""),
        ("status=http://hl7.org/fhir/observation-status|final&subject=Patient/c", "two"),
        ("subject=c", "two"),
        ("subject:Patient=c", "two"),
        ("patient=Patient/c", "two"),
        ("patient=http://hospital.test/fhir/Patient/c", "two"),
        ("subject=http://elsewhere.test/fhir/Patient/a", "far"),
        ("focus=urn:uuid:1", "canon"),
        ("subject=Patient/b&code:not=718-7", "money"),
        ("patient.name=lefevre&value-quantity=gt1", "money q5 q6"),
        ("subject:Patient.family:exact=D'Alembert\\, fils", "two"),
        ("performer:identifier=urn:rpps|123", "two"),
        ("performer:identifier=urn:rpps|9", ""),
        ("performer:missing=false", "two"),
    ],
)
def test_observations(store: Hospital, query: str, ids: str) -> None:
    assert " ".join(store.ids(f"/Observation?{query}")) == ids


@pytest.mark.parametrize(
    "query",
    [
        "birthdate=foo",
        "birthdate=2026-13-45",
        "birthdate=",
        "birthdate:exact=1980",
        "family:in=x",
        "gender:text=-",
        "gender:in=http://hl7.org/fhir/ValueSet/administrative-gender",
        "gender:not-in=x",
        "gender:above=x",
        "gender:below=x",
        "gender:of-type=a|b|c",
        "gender:missing=",
        "identifier:of-type=a|b",
        "identifier:of-type=a||b",
        "_filter=x",
        "_list=x",
        "_query=x",
        "_text=x",
        "_content=x",
        "_profile:below=urn:oid:1.2",
        "_profile:exact=http://x",
        "_lastUpdated:exact=2020",
        "family:not=x",
        "birthdate=\u0661\u0669\u0668\u0660",
        "family=\u00b4",
        "gender=a|b|c",
        "gender=|",
        "organization:Patient=1",
        "_count=-1",
        "_count=many",
        "_sort=nothing",
        "_sort=family,given,birthdate,gender,_id",
        "_sort=organization",
        "_total=perhaps",
        "_count=1&_count=2",
        "_include=*",
        "_include=Patient:*",
        "_revinclude=Observation:*",
        "_include:most=Patient:organization",
        "family:missing=maybe",
        "_id:exact=a",
        "_id=" + ",".join("x" * 500),
        "organization.partof.partof.partof.partof.partof.name=x",
        "_page=x&family=y",
    ],
)
def test_what_cannot_be_understood_is_refused(store: Hospital, query: str) -> None:
    answer = store.get(f"/Patient?{query}")
    assert (answer.status, answer.json["resourceType"]) == (400, "OperationOutcome")


def test_what_is_nested_too_deeply_is_refused(store: Hospital) -> None:
    deep = "performer.organization.partof.partof.name:contains=x,y&code=1&date=gt2020"
    answer = store.get(f"/Observation?{deep}")
    assert answer.status in {200, 400}
    assert answer.status == 200 or answer.json["issue"][0]["code"] == "too-costly"


@pytest.mark.parametrize(
    "query", ["value-quantity=abc", "value-quantity=1e999999", "value-quantity=1|2|3|4", "value-quantity=NaN"]
)
def test_numbers_that_are_none_are_refused(store: Hospital, query: str) -> None:
    assert store.get(f"/Observation?{query}").status == 400


@pytest.mark.parametrize(
    "query",
    [
        "unknown=1",
        "_has:Nothing:patient:code=1",
        "_has:Observation:code:code=1",
        "_has:Observation:patient:unknown=1",
        "organization.unknown=1",
        "family.name=x",
        "_include=Patient:unknown",
        "_include=Nothing:subject",
        "deceased-date=2020",
    ],
)
def test_the_unknown_is_ignored_or_refused(store: Hospital, query: str) -> None:
    lenient = store.get(f"/Patient?{query}&_id=a")
    assert (lenient.status, lenient.ids()) == (200, ["a"])
    assert lenient.link("self") == "http://hospital.test/fhir/Patient?_id=a"
    assert store.get(f"/Patient?{query}", prefer="handling=strict").status == 400


def test_the_self_link_asks_the_same_again(store: Hospital) -> None:
    url = "/Patient?family:contains=%C3%A8v&_has:Observation:patient:code=718-7&name=D'Alembert%5C, fils,zoe"
    first = store.get(url)
    again = store.get(first.link("self") or "")
    assert (again.body, first.ids()) == (first.body, ["a", "b"])


def test_a_count_of_zero_is_a_total(store: Hospital) -> None:
    answer = store.get("/Patient?_count=0").json
    assert (answer["total"], "entry" in answer) == (4, False)
    assert "total" not in store.get("/Patient?_count=2").json


def test_a_page_is_never_larger_than_the_maximum(writable: Hospital) -> None:
    writable.backend.load(patient(f"p{n}") for n in range(1100))
    answer = writable.get("/Patient?_count=5000")
    assert len(answer.entries) == 1000
    assert answer.link("next") is not None


def test_an_absolute_reference_to_this_server_is_local(writable: Hospital) -> None:
    body = observation("x", "in1", subject={"reference": "http://hospital.test/fhir/Patient/in1"})
    id_ = writable.ask("POST", "/Observation", body).json["id"]
    assert id_ in writable.ids("/Observation?subject=Patient/in1")
    stored = writable.get(f"/Observation/{id_}").json
    assert stored["subject"]["reference"] == "http://hospital.test/fhir/Patient/in1"
