"""Which search parameters there are, and those that are more than one element: composites, truths, places."""

from collections.abc import Iterator
from typing import Any

import pytest
from server_hospital import LOINC, UCUM, Hospital, StoreAt, observation, patient, quantity

from lab.fhir.request import Parameter
from lab.fhir.search_parameters import definitions
from lab.fhir.view import EVERYTHING
from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.search.own import Scope
from lab.fhirserver.search.reading import read
from lab.fhirserver.storage.catalogue import BESIDE, LEFT_OUT, parameters, served_types
from lab.fhirserver.storage.folding import fold
from lab.fhirserver.storage.paths import UnsupportedExpressionError
from lab.fhirserver.storage.truth import compile_truth, is_truth
from lab.fhirserver.storage.type_numbers import number
from lab.model.release import VERSIONS, Release
from tools.build_search_parameters_page import PAGE, page

KIND = "http://terminology.hl7.org/CodeSystem/v2-0203"


def concept(code: str, system: str = LOINC, **more: Any) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}], **more}


def component(code: str, **value: Any) -> dict[str, Any]:
    return {"code": concept(code), **value}


def resources() -> Iterator[dict[str, Any]]:
    yield patient("alive", deceasedBoolean=False)
    yield patient("unsaid")
    yield patient("dead", deceasedBoolean=True)
    yield patient("dated", deceasedDateTime="2026-03")
    yield patient("masked", _deceasedBoolean={"extension": [{"url": "urn:x", "valueCode": "masked"}]})
    typed = {"coding": [{"system": KIND, "code": "MR"}], "text": "Numéro de dossier"}
    yield {**patient("typed"), "identifier": [{"type": typed, "value": "42"}, {"value": "43"}]}
    yield observation("high", "alive", valueQuantity=quantity(6))
    yield observation("low", "alive", valueQuantity=quantity(4))
    yield observation("other", "alive", "1-1", valueQuantity=quantity(6))
    yield observation("text", "alive", "a$b", valueString="x$y, z")
    yield observation("told", "alive", "a$b", valueCodeableConcept={"text": "x$y, z"})
    yield observation("day", "alive", valueDateTime="2026-03-29")
    origin = {**quantity(0), "value": 1}
    sampled = {"origin": origin, "period": 1, "dimensions": 1, "data": "4 E 5", "factor": 2}
    yield observation("curve", "alive", valueSampledData=sampled)
    pair = [component("8480-6", valueQuantity=quantity(120)), component("8462-4", valueQuantity=quantity(80))]
    yield observation("pressure", "alive", "85354-9", component=pair)
    yield observation(
        "finding",
        "alive",
        "1-2",
        valueCodeableConcept=concept("POS", "urn:f"),
        component=[component("1-3", valueCodeableConcept=concept("NEG", "urn:f", text="Négatif"))],
    )
    yield {
        "resourceType": "Group",
        "id": "traits",
        "type": "person",
        "actual": False,
        "characteristic": [
            {"code": concept("owner"), "valueCodeableConcept": concept("eve", "urn:p"), "exclude": False},
            {"code": concept("gender"), "valueBoolean": True, "exclude": False},
        ],
    }
    yield {
        "resourceType": "DocumentReference",
        "id": "new",
        "status": "current",
        "relatesTo": [{"code": "replaces", "target": {"reference": "DocumentReference/old"}}],
        "content": [{"attachment": {"contentType": "text/xml; charset=UTF-8"}}],
    }
    for id_, latitude, longitude in (("toulouse", 43.6, 1.44), ("paris", 48.85, 2.35)):
        place = {"latitude": latitude, "longitude": longitude}
        yield {"resourceType": "Location", "id": id_, "position": place}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, store_at: StoreAt) -> Iterator[Hospital]:
    backend = EmbeddedBackend(store_at(tmp_path_factory.mktemp("parameters") / "p.db"), page_key=b"p" * 32)
    backend.load(resources())
    yield Hospital(backend)
    backend.close()


@pytest.mark.parametrize("release", VERSIONS)
def test_every_standard_parameter_is_there_or_left_out_with_a_reason(release: Release) -> None:
    reasons = LEFT_OUT[release]
    for type_ in served_types(release):
        for code in definitions(type_, release).keys() - BESIDE:
            left_out = code in reasons or f"{type_}.{code}" in reasons
            assert (code in parameters(type_, release)) is not left_out, (type_, code)


@pytest.mark.parametrize("release", VERSIONS)
def test_nothing_is_left_out_that_is_not_there(release: Release) -> None:
    for name in LEFT_OUT[release]:
        type_, _, code = name.rpartition(".")
        assert any(code in definitions(t, release) for t in served_types(release) if type_ in {"", t}), name


def test_the_page_is_current() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert page(written) == written, "run python -m tools.build_search_parameters_page"


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("/Patient?deceased=true", "dated dead"),
        ("/Patient?deceased=false", "alive typed unsaid"),
        ("/Patient?deceased:missing=true", "masked"),
        (f"/Patient?identifier:of-type={KIND}|MR|42", "typed"),
        (f"/Patient?identifier:of-type={KIND}|MR|43", ""),
        ("/Patient?identifier:text=numero de", "typed"),
        ("/Patient?identifier:text=dossier", ""),
        ("/Observation?code-value-quantity=718-7$gt5", "high"),
        (f"/Observation?code-value-quantity={LOINC}|718-7$gt5|{UCUM}|g/dL", "high"),
        ("/Observation?code-value-quantity=718-7$gt5,1-1$gt5", "high other"),
        ("/Observation?code-value-quantity=718-7$gt5&code-value-quantity=718-7$lt5", ""),
        ("/Observation?value-quantity=ge9", "curve"),
        ("/Observation?value-quantity=sa8.9|http://unitsofmeasure.org|g/dL", "curve"),
        ("/Observation?code-value-quantity=718-7$ge9", ""),
        ("/Observation?value-string=x\\$y\\, z", "text told"),
        ("/Observation?code-value-string=a\\$b$x\\$y\\, z", "text"),
        ("/Observation?code-value-date=718-7$ge2026-03", "day"),
        ("/Observation?code-value-concept=1-2$POS", "finding"),
        ("/Observation?code-value-concept=1-3$NEG", ""),
        ("/Observation?component-code-value-concept=1-3$urn:f|NEG", "finding"),
        ("/Observation?component-code-value-concept=1-3$urn:f|", "finding"),
        ("/Observation?component-code-value-concept=1-3$POS", ""),
        ("/Observation?combo-code-value-concept=1-3$NEG", "finding"),
        ("/Observation?combo-code-value-concept=1-2$POS", "finding"),
        ("/Observation?combo-code-value-concept=1-2$NEG", ""),
        ("/Observation?component-code-value-quantity=8480-6$gt100", "pressure"),
        ("/Observation?component-code-value-quantity=8462-4$gt100", ""),
        (f"/Observation?component-code-value-quantity={LOINC}|8462-4$lt100||g/dL", "pressure"),
        (f"/Observation?component-code-value-quantity={LOINC}|$ap120|{UCUM}|g/dL", "pressure"),
        ("/Observation?combo-code-value-quantity=8480-6$gt100,718-7$lt5", "low pressure"),
        ("/Observation?component-value-concept:text=negatif", "finding"),
        ("/Patient?_has:Observation:patient:code-value-quantity=718-7$gt5", "alive"),
        ("/Patient?_has:Observation:patient:component-code-value-quantity=8480-6$gt500", ""),
        ("/Group?characteristic-value=owner$eve", "traits"),
        ("/Group?characteristic-value=gender$true", "traits"),
        ("/Group?characteristic-value=gender$eve,gender$false", ""),
        ("/DocumentReference?relationship=replaces$DocumentReference/old", "new"),
        ("/DocumentReference?relationship=replaces$old", "new"),
        ("/DocumentReference?relationship=signs$DocumentReference/old", ""),
        ("/DocumentReference?contenttype=text/xml", ""),
        ("/DocumentReference?contenttype:below=text/xml", "new"),
        ("/DocumentReference?contenttype:below=text/xm", ""),
        ("/Location?near=43.6|1.4|10|km", "toulouse"),
        ("/Location?near=43.6|1.4", "toulouse"),
        ("/Location?near=46|2|400", "paris toulouse"),
        ("/Location?near=43.6|1.44|0|m", "toulouse"),
    ],
)
def test_what_is_found(store: Hospital, query: str, ids: str) -> None:
    assert " ".join(store.ids(query)) == ids


@pytest.mark.parametrize(
    "query",
    [
        "/Observation?code-value-quantity=718-7",
        "/Observation?code-value-quantity=718-7$",
        "/Observation?code-value-quantity=718-7$5$6",
        "/Observation?code-value-quantity=718-7$high",
        "/Observation?code-value-quantity:missing=true",
        "/Observation?combo-code-value-quantity:not=a$5",
        "/Observation?_sort=code-value-quantity",
        "/DocumentReference?relationship=replaces$#x",
        "/Location?near=43.6",
        "/Location?near=43.6|x",
        "/Location?near=91|0",
        "/Location?near=43.6|1.4|1|furlong",
        "/Location?near:missing=true",
    ],
)
def test_what_is_refused(store: Hospital, query: str) -> None:
    assert store.get(query).status == 400


def test_a_laboratory_result_has_no_row_of_a_composite(store: Hospital) -> None:
    rows = store.backend._server.store.rows(  # noqa: SLF001 - the index is the matter of the test
        "select distinct p.code from value v join parameter p on p.id = v.param join resource r on r.k = v.k "
        "where r.type = ? and r.id = 'high'",
        (number("Observation"),),
    )
    assert store.get("/Observation/high").status == 200
    assert not [code for (code,) in rows if "-code-value-" in f"-{code}"]


def test_a_plan_may_choose_among_the_components(store: Hospital) -> None:
    inner = store.backend._server.store  # noqa: SLF001 - the plan is the matter of the test
    scope = Scope(inner, EVERYTHING, "http://hospital.test/fhir", inner.now())
    asked = [Parameter("code-value-quantity", "718-7$gt5")]
    code, _, spared = read(scope, "Observation", asked, strict=True).query.criteria
    assert code.walk or code.asked or code.keys
    assert spared.keys is None


@pytest.mark.parametrize(
    "text", ["İı", "ẞß", "Ǽœ", "e\u0301\u0327", "a\u00adb", "x - y", "\u2019", "ﬁ", "+", "<5"]
)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_a_truth_beyond_the_grammar_is_refused() -> None:
    expression = "Patient.active.exists() and Patient.gender = 'male'"
    assert is_truth(expression)
    with pytest.raises(UnsupportedExpressionError):
        compile_truth(expression, "Patient")
