"""The server declares what it does, and does what it declares."""

import pytest
from server_hospital import BOTH, Hospital

from lab.fhir.interaction import SYSTEM, Interaction
from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.dispatch import PERFORMED
from lab.fhirserver.storage.catalogue import parameters, served_types
from lab.fhirserver.storage.compartment import patients
from lab.fhirserver.storage.composites import Conjunction, Pairs, Union
from lab.fhirserver.storage.derivation import parts
from lab.fhirserver.storage.paths import UnsupportedExpressionError, compile_path
from lab.model.release import VERSIONS, Release
from lab.validation.check import check
from lab.validation.fast import defects

VALUES = {
    "token": "x",
    "string": "x",
    "date": "2026",
    "reference": "x",
    "number": "1",
    "quantity": "1",
    "uri": "urn:x",
    "special": "43.6|1.4",
}


def a_value(type_: str, code: str, release: Release) -> str:
    """Return a value that the parameter understands."""
    known = parameters(type_, release)[code]
    match known.composite:
        case Pairs(kinds):
            return "$".join(VALUES[kind] for kind in kinds)
        case Conjunction(codes):
            return "$".join(a_value(type_, part, release) for part in codes)
        case Union(codes):
            return a_value(type_, codes[0], release)
    return VALUES[known.definition.type]


@BOTH
def test_the_statement_is_valid_and_stable(everything: Hospital, release: Release) -> None:
    first, second = (everything.get("/metadata") for _ in range(2))
    assert defects(first.json, release) == ()
    assert first.json["fhirVersion"] == VERSIONS[release]
    assert first.headers["etag"] == second.headers["etag"]
    assert everything.get("/metadata", if_none_match=first.headers["etag"]).status == 304
    assert first.json["rest"][0]["mode"] == "server"


def test_the_security_addresses_are_those_given(tmp_path_factory: pytest.TempPathFactory) -> None:
    urls = {"token": "http://127.0.0.1:1/token"}
    backend = EmbeddedBackend(tmp_path_factory.mktemp("d") / "d.db", page_key=b"p" * 32, security_urls=urls)
    security = Hospital(backend).get("/metadata").json["rest"][0]["security"]
    assert security["extension"][0]["extension"] == [{"url": "token", "valueUri": urls["token"]}]
    assert security["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"
    backend.close()


@BOTH
def test_every_declared_parameter_is_accepted_strictly(everything: Hospital, release: Release) -> None:
    for resource in everything.get("/metadata").json["rest"][0]["resource"]:
        for declared in resource["searchParam"]:
            value = a_value(resource["type"], declared["name"], release)
            url = f"/{resource['type']}?{declared['name']}={value}"
            assert everything.get(url, prefer="handling=strict").status == 200, url


@BOTH
def test_every_declared_parameter_sorts(everything: Hospital, release: Release) -> None:
    for type_ in ("Patient", "Observation", "Encounter"):
        for code, known in parameters(type_, release).items():
            if known.definition.type in {"composite", "reference"} or len(parts(type_, code, release)) > 1:
                assert everything.get(f"/{type_}?_sort={code}").status == 400, code
                continue
            assert len(everything.get(f"/{type_}?_sort=-{code}&_count=100").ids()) in {5, 17}, code


@BOTH
def test_every_declared_include_is_accepted(everything: Hospital) -> None:
    for resource in everything.get("/metadata").json["rest"][0]["resource"]:
        for name in ("Include", "RevInclude"):
            for value in resource.get(f"search{name}", ()):
                url = f"/{resource['type']}?_{name.lower()}={value}"
                assert everything.get(url, prefer="handling=strict").status == 200, url


@BOTH
def test_interactions_are_those_of_the_table(everything: Hospital) -> None:
    declared = {i["code"] for i in everything.get("/metadata").json["rest"][0]["resource"][0]["interaction"]}
    assert declared == {
        *(Interaction.READ, Interaction.VREAD, Interaction.HISTORY_INSTANCE, Interaction.HISTORY_TYPE),
        *(Interaction.SEARCH_TYPE, Interaction.CREATE, Interaction.UPDATE, Interaction.PATCH),
        Interaction.DELETE,
    }


@BOTH
def test_system_interactions_and_conditions_are_those_that_run(everything: Hospital) -> None:
    statement = everything.get("/metadata").json
    rest = statement["rest"][0]
    assert {i["code"] for i in rest["interaction"]} == {i.value for i in SYSTEM & PERFORMED.keys()}
    assert statement["patchFormat"] == ["application/json-patch+json", "application/fhir+json"]
    for resource in rest["resource"]:
        codes = {i["code"] for i in resource["interaction"]}
        assert ("patch" in codes) is (resource["type"] != "Binary")
        assert resource["conditionalDelete"] == "single"
        assert resource["conditionalCreate"] is resource["conditionalUpdate"] is True


def test_nothing_is_wrong_with_the_statement(everything: Hospital) -> None:
    report = check(everything.get("/metadata").json)
    assert report.findings == ()
    assert not [left for left in report.not_checked if left.kind == "type"]


@pytest.mark.parametrize("release", VERSIONS)
def test_every_type_of_the_compartment_can_be_confined(release: Release) -> None:
    for type_ in served_types(release):
        about = patients({"resourceType": type_, "id": "x"}, (), release)
        assert about == ({"x"} if type_ == "Patient" else set())


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("Observation.code", [{"text": "c"}]),
        ("Observation.value", [{"value": 1}]),
        ("(Observation.value as Quantity)", [{"value": 1}]),
        ("(Observation.value as string)", []),
        ("Observation.value.as(Quantity).value", [1]),
        ("Observation.value.ofType(Quantity)", [{"value": 1}]),
        ("Observation.code.text | Observation.note.text", ["c", "n1", "n2"]),
        ("(Observation.code | Observation.note).text", ["c", "n1", "n2"]),
        ("Patient.name | Observation.status", ["final"]),
        ("Observation.note.where(text='n2').text", ["n2"]),
        ("Observation.subject.where(resolve() is Patient)", [{"reference": "Patient/1"}]),
        ("Observation.subject.where(resolve() is Group)", []),
        ("Resource.id", ["1"]),
        ("Observation.absent.text", []),
        ("(Observation.absent | Observation.note.text).first()", ["n1"]),
        ("Observation.note.first().text", ["n1"]),
        ("Observation.extension('urn:x').value", ["told"]),
        ("Observation.extension('urn:y').value", []),
        ("Observation.note.where(extension('urn:x').exists()).text", []),
        ("Observation.where(extension('urn:x').exists()).status", ["final"]),
    ],
)
def test_paths_are_evaluated(expression: str, found: list[object]) -> None:
    resource = {
        "resourceType": "Observation",
        "id": "1",
        "status": "final",
        "code": {"text": "c"},
        "valueQuantity": {"value": 1},
        "note": [{"text": "n1"}, {"text": "n2"}, None],
        "subject": {"reference": "Patient/1"},
        "extension": [{"url": "urn:x", "valueString": "told"}],
    }
    assert compile_path(expression, "Observation").evaluate(resource) == found


@pytest.mark.parametrize(
    "expression",
    [
        "Patient.name",
        "Observation.value.exists()",
        "Observation.note[0]",
        "Observation.note.where(text=1)",
        "Observation.",
        "(Observation.note",
        "Observation.note.where(text='a').as(string)",
        "Observation.status != false",
        "Observation.extension(urn).value",
        "Observation.note.where(extension('urn:x')).text",
        "Observation.note.last()",
        "",
    ],
)
def test_a_path_beyond_the_grammar_is_refused(expression: str) -> None:
    with pytest.raises(UnsupportedExpressionError):
        compile_path(expression, "Observation")
