"""FHIRPath Patch: the operations, the paths that are understood, and everything else refused."""

import copy
from typing import Any

import orjson
import pytest
from test_server_patch import parameters

from lab.fhir.response import FhirError
from lab.fhirserver.fhirpath_patch import fhirpath_patch

URL = "http://example.org/place"
PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p",
    "extension": [{"url": URL, "valueString": "here"}, {"url": "urn:other", "valueBoolean": True}],
    "identifier": [{"system": "urn:a", "value": "1"}, {"system": "urn:b", "value": "2"}],
    "name": [{"family": "A", "given": ["x", None], "_given": [None, {"id": "g"}]}, {"family": "B"}],
    "gender": "female",
    "deceasedBoolean": False,
    "_birthDate": {"extension": [{"url": "urn:unknown", "valueCode": "x"}]},
    "contact": [{"name": {"family": "C"}, "gender": "male"}],
    "contained": [{"resourceType": "Organization", "id": "o", "name": "O"}],
}


def patched(*operations: dict[str, Any], of: dict[str, Any] = PATIENT) -> dict[str, Any]:
    return fhirpath_patch(orjson.dumps(parameters(*operations)), "R4")(copy.deepcopy(of))


def operation(type_: str, path: str, value: dict[str, Any] | None = None, **parts: Any) -> dict[str, Any]:
    return {"type": type_, "path": path, **parts, **({} if value is None else {"value": value})}


def refusal(*operations: dict[str, Any]) -> FhirError:
    with pytest.raises(FhirError) as refused:
        patched(*operations)
    return refused.value


NAME = {"valueHumanName": {"family": "N"}}
PARTS = {"part": [{"name": "name", **NAME}, {"name": "telecom", "valueContactPoint": {"value": "1"}}]}


@pytest.mark.parametrize(
    ("asked", "changed"),
    [
        (operation("add", "Patient", {"valueDate": "1930-01-01"}, name="birthDate"), None),
        (operation("add", "Patient", NAME, name="name"), {"name": [*PATIENT["name"], {"family": "N"}]}),
        (
            operation("add", "Patient", {"valueCodeableConcept": {"text": "M"}}, name="maritalStatus"),
            {"maritalStatus": {"text": "M"}},
        ),
        (
            operation("add", "Patient.name[1]", {"valueString": "z"}, name="given"),
            {"name": [PATIENT["name"][0], {"family": "B", "given": ["z"]}]},
        ),
        (
            operation("add", "Patient", PARTS, name="contact"),
            {"contact": [*PATIENT["contact"], {"name": {"family": "N"}, "telecom": [{"value": "1"}]}]},
        ),
        (
            operation("add", "Patient", {"resource": {"resourceType": "Device"}}, name="contained"),
            {"contained": [*PATIENT["contained"], {"resourceType": "Device"}]},
        ),
        (
            operation("add", "Patient.contained[0]", {"valueBoolean": True}, name="active"),
            {"contained": [{**PATIENT["contained"][0], "active": True}]},
        ),
        (
            operation("add", "Patient", {"valueBoolean": True, "_valueBoolean": {"id": "a"}}, name="active"),
            {"active": True, "_active": {"id": "a"}},
        ),
        (
            operation("insert", "Patient.identifier", {"valueIdentifier": {"value": "0"}}, index=0),
            {"identifier": [{"value": "0"}, *PATIENT["identifier"]]},
        ),
        (
            operation("insert", "Patient.identifier", {"valueIdentifier": {"value": "0"}}, index=2),
            {"identifier": [*PATIENT["identifier"], {"value": "0"}]},
        ),
        (
            operation("insert", "Patient.telecom", {"valueContactPoint": {"value": "0"}}, index=0),
            {"telecom": [{"value": "0"}]},
        ),
        (
            operation("insert", "Patient.name.first().given", {"valueString": "w"}, index=0),
            {
                "name": [
                    {"family": "A", "given": ["w", "x", None], "_given": [None, None, {"id": "g"}]},
                    PATIENT["name"][1],
                ]
            },
        ),
        (operation("delete", "Patient.gender"), {"gender": None}),
        (operation("delete", "Patient.name[1]"), {"name": PATIENT["name"][:1]}),
        (
            operation("delete", "Patient.name[0].given[1]"),
            {"name": [{"family": "A", "given": ["x"]}, {"family": "B"}]},
        ),
        (
            operation("delete", "Patient.contact[0].name.family"),
            {"contact": [{"name": {}, "gender": "male"}]},
        ),
        (operation("delete", "Patient.contact"), {"contact": None}),
        (operation("delete", "Patient.birthDate"), {"_birthDate": None}),
        (operation("delete", "Patient.deceased"), {"deceasedBoolean": None}),
        (
            operation("delete", "Patient.identifier.where(system='urn:a')"),
            {"identifier": PATIENT["identifier"][1:]},
        ),
        (operation("delete", "Patient.photo"), {}),
        (operation("delete", "Patient.name[7]"), {}),
        (operation("replace", "Patient.gender", {"valueCode": "other"}), {"gender": "other"}),
        (
            operation("replace", "Patient.birthDate", {"valueDate": "1930"}),
            {"birthDate": "1930", "_birthDate": None},
        ),
        (
            operation("replace", "Patient.deceased", {"valueDateTime": "2020"}),
            {"deceasedBoolean": None, "deceasedDateTime": "2020"},
        ),
        (
            operation("replace", "Patient.contact[0].gender", {"valueCode": "other"}),
            {"contact": [{"name": {"family": "C"}, "gender": "other"}]},
        ),
        (
            operation("replace", "Patient.name.last().family", {"valueString": "Z"}),
            {"name": [PATIENT["name"][0], {"family": "Z"}]},
        ),
        (
            operation("replace", "Patient.identifier.where(system = 'urn:b').value", {"valueString": "9"}),
            {"identifier": [PATIENT["identifier"][0], {"system": "urn:b", "value": "9"}]},
        ),
        (
            operation("replace", "Patient.contact.where(name.family='C').gender", {"valueCode": "other"}),
            {"contact": [{"name": {"family": "C"}, "gender": "other"}]},
        ),
        (
            operation("replace", f"Patient.extension('{URL}').value", {"valueCode": "x"}),
            {"extension": [{"url": URL, "valueCode": "x"}, PATIENT["extension"][1]]},
        ),
        (
            operation("replace", "Patient.extension.where(value=true).url", {"valueUri": "urn:z"}),
            {"extension": [PATIENT["extension"][0], {"url": "urn:z", "valueBoolean": True}]},
        ),
        (
            operation("replace", "Patient.contained.where(id='o').name", {"valueString": "P"}),
            {"contained": [{**PATIENT["contained"][0], "name": "P"}]},
        ),
        (operation("move", "Patient.name", source=1, destination=0), {"name": PATIENT["name"][::-1]}),
        (
            operation("move", "Patient.name[0].given", source=0, destination=1),
            {"name": [{"family": "A", "given": [None, "x"], "_given": [{"id": "g"}, None]}, {"family": "B"}]},
        ),
    ],
)
def test_operations_change_what_they_name_and_nothing_else(
    asked: dict[str, Any], changed: dict[str, Any] | None
) -> None:
    if changed is None:  # an element with an extension only is there already
        assert refusal(asked).status == 422
        return
    expected = {**PATIENT, **changed}
    assert patched(asked) == {name: value for name, value in expected.items() if value is not None}


@pytest.mark.parametrize(
    "path",
    [
        "",
        "gender",
        "Practitioner.gender",
        "patient.gender",
        "Patient.",
        "Patient..gender",
        "Patient.unheard",
        "Patient.multiple",
        "Patient.general",
        "Patient.deceasedBoolean.value",
        "Patient.resourceType",
        "Patient._birthDate",
        "Patient.birthDate.extension",
        "Patient.name[-1]",
        "Patient.name[01]",
        "Patient.name[x]",
        "Patient.name.where(family)",
        "Patient.name.where(family='A' or true)",
        "Patient.name.where(family='A').unheard",
        "Patient.name.where(unheard='A')",
        "Patient.name.where(family.length()='A')",
        "Patient.name.exists()",
        "Patient.name.skip(1)",
        "Patient.managingOrganization.resolve().name",
        "Patient.name | Patient.contact",
        "Patient.descendants()",
        "%resource.gender",
        "Patient.name where(family='A')",
        "Patient.name.where(family='A'); drop",
    ],
)
def test_a_path_beyond_the_grammar_or_r4_is_refused(path: str) -> None:
    for asked in (operation("delete", path), operation("replace", path, {"valueString": "x"})):
        assert refusal(asked).status == 422


@pytest.mark.parametrize(
    "asked",
    [
        operation("delete", "Patient"),
        operation("replace", "Patient", {"resource": {"resourceType": "Patient"}}),
        operation("delete", "Patient.name"),
        operation("replace", "Patient.name", NAME),
        operation("replace", "Patient.photo", {"valueAttachment": {}}),
        operation("replace", "Patient.identifier.where(system='urn:c').value", {"valueString": "1"}),
        operation("add", "Patient.name", {"valueString": "x"}, name="given"),
        operation("add", "Patient", {"valueCode": "male"}, name="gender"),
        operation("add", "Patient", {"valueDateTime": "2020"}, name="deceased"),
        operation("add", "Patient", {"valueBoolean": True}, name="unheard"),
        operation("add", "Patient", {"valueBoolean": True}, name="resourceType"),
        operation("add", "Patient", {"valueString": "x"}, name="maritalStatus"),
        operation("add", "Patient", {"valueHumanName": "x"}, name="name"),
        operation("add", "Patient", {"valueString": "x"}, name="contact"),
        operation("add", "Patient", {"valueString": "x", "valueCode": "x"}, name="language"),
        operation("add", "Patient", {}, name="language"),
        operation("add", "Patient", {"part": [{"name": "unheard", "valueString": "x"}]}, name="contact"),
        operation("add", "Patient", {"part": [PARTS["part"][0], PARTS["part"][0]]}, name="contact"),
        operation("add", "Patient", {"part": "x"}, name="contact"),
        operation("replace", "Patient.gender", {"valueString": "male"}),
        operation("replace", "Patient.name[0].family", {"valueInteger": 1}),
        operation("insert", "Patient.gender", {"valueCode": "male"}, index=0),
        operation("insert", "Patient.name[0]", NAME, index=0),
        operation("insert", "Patient", NAME, index=0),
        operation("insert", "Patient.name", NAME, index=3),
        operation("insert", "Patient.name", NAME, index=-1),
        operation("insert", "Patient.birthDate.extension", {"valueString": "x"}, index=0),
        operation("move", "Patient.name", source=0, destination=2),
        operation("move", "Patient.name", source=-1, destination=0),
        operation("move", "Patient.photo", source=0, destination=0),
    ],
)
def test_what_does_not_fit_is_refused(asked: dict[str, Any]) -> None:
    error = refusal(asked)
    assert (error.status, error.diagnostics.startswith("Operation 0 of the patch ")) == (422, True)


@pytest.mark.parametrize(
    "asked",
    [
        operation("unheard", "Patient.name"),
        operation("add", "Patient", NAME),
        operation("delete", "Patient.name", name="x"),
        operation("insert", "Patient.name", NAME),
        operation("insert", "Patient.name", NAME, index="0"),
        operation("insert", "Patient.name", NAME, index=True),
        operation("move", "Patient.name", source=0),
        {"type": "delete"},
        {"path": "Patient.name"},
    ],
)
def test_what_is_no_operation_is_refused(asked: dict[str, Any]) -> None:
    assert refusal(asked).status == 400


@pytest.mark.parametrize(
    "document",
    [
        {"resourceType": "Parameters"},
        {"resourceType": "Parameters", "parameter": {}},
        {"resourceType": "Parameters", "parameter": [1]},
        {"resourceType": "Parameters", "parameter": [{"name": "operation"}]},
        {"resourceType": "Parameters", "parameter": [{"name": "other", "part": []}]},
        {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": [1]}]},
        {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": [{"name": []}]}]},
        {"resourceType": "Patient"},
        [],
    ],
)
def test_a_document_that_is_no_patch_is_refused(document: Any) -> None:
    with pytest.raises(FhirError) as refused:
        fhirpath_patch(orjson.dumps(document), "R4")
    assert refused.value.status == 400


def test_operations_apply_in_order() -> None:
    first = operation("add", "Patient", {"valueString": "fr"}, name="language")
    second = operation("replace", "Patient.language", {"valueCode": "en"})
    assert refusal(first, second).diagnostics.startswith("Operation 0")
    code = operation("add", "Patient", {"valueCode": "fr"}, name="language")
    assert patched(code, second)["language"] == "en"
    third = operation("replace", "Patient.name[0].family", {"valueCode": "a-narrower-type"})
    assert patched(third)["name"][0]["family"] == "a-narrower-type"
