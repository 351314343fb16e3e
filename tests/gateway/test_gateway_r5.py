"""Levels 3 to 5 on a hospital of R5: what a policy names is read by the definitions of that release."""

import copy

import pytest

from lab.fhir.element_path import parse_path
from lab.fhir.permission import compile_permission
from lab.fhir.permission.refusal import PermissionRefusedError
from lab.fhir.permission_form import permission
from lab.fhir.request import parse
from lab.fhir.scopes import ScopeError, parse_scopes
from lab.gateway import level5_attributes
from lab.gateway.implied_reads import referred_through
from lab.gateway.mask import compile_mask

ABSENT = [
    {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"},
]


def asked(path, query=""):
    return parse("GET", path, query, {}, b"", base_url="http://127.0.0.1:1/fhir")


@pytest.mark.parametrize(
    ("path", "query", "mask"),
    [
        ("Encounter", "date=2026", "Encounter.actualPeriod"),
        ("Encounter", "date-start=2026", "Encounter.actualPeriod"),
        ("Encounter", "_sort=-end-date", "Encounter.actualPeriod"),
        ("Encounter", "reason-code=x", "Encounter.reason"),
        ("Observation", "encounter.date=2026", "Encounter.actualPeriod"),
        ("Patient", "_has:Encounter:subject:date-start=2026", "Encounter.actualPeriod"),
        ("Appointment", "date=2026", "Appointment.requestedPeriod"),
        ("Permission", "status=active", "Permission.status"),
        ("CommunicationRequest", "information-provider.address-city=x", "Patient.address"),
        ("CareTeam", "name=x", "CareTeam.name"),
    ],
)
def test_level_5_follows_the_parameters_of_r5(path, query, mask):
    assert not level5_attributes.decide(asked(path, query), [parse_path(mask, "R5")]).allow


@pytest.mark.parametrize(
    ("path", "query", "mask"),
    [
        ("Encounter", "class=EMER", "Encounter.actualPeriod"),
        ("Encounter", "date=2026", "Encounter.plannedStartDate"),
        ("Appointment", "status=booked&_sort=date", "Appointment.participant"),
    ],
)
def test_level_5_refuses_no_more_than_it_must(path, query, mask):
    assert level5_attributes.decide(asked(path, query), [parse_path(mask, "R5")]).allow


def test_what_an_operation_reads_follows_the_compartments_of_r5():
    document = parse_path("DocumentReference.context", "R5")
    assert not level5_attributes.decide(asked("Encounter/e/$everything"), [document]).allow
    asserter = parse_path("Condition.participant", "R5")
    assert not level5_attributes.decide(asked("Patient/p/$everything"), [asserter]).allow
    assert referred_through([parse_path("Encounter.careTeam", "R5")]) == set()  # a CareTeam is of a patient
    assert "Location" in referred_through([parse_path("Encounter.location", "R5")])


def test_the_datum_is_nowhere_and_mandatory_elements_of_r5_are_declared():
    condition = {
        "resourceType": "Condition",
        "id": "c",
        "meta": {"versionId": "1"},
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "participant": [{"actor": {"reference": "Patient/p"}}],
        "subject": {"reference": "Patient/p"},
    }
    paths = [parse_path(text, "R5") for text in ("Condition.clinicalStatus", "Condition.participant.actor")]
    shown = compile_mask(paths)(copy.deepcopy(condition))
    assert shown["clinicalStatus"] == {"extension": ABSENT}
    of_r4 = compile_mask([parse_path("Condition.clinicalStatus")])(copy.deepcopy(condition))
    assert not {"clinicalStatus", "_clinicalStatus"} & of_r4.keys()  # an invariant asks for it, at times
    assert shown["participant"][0]["actor"] == {"extension": ABSENT}
    assert shown["subject"] == condition["subject"]
    period = {"resourceType": "Encounter", "id": "e", "meta": {}, "actualPeriod": {"start": "2026"}}
    assert "actualPeriod" not in compile_mask([parse_path("Encounter.actualPeriod", "R5")])(period)


@pytest.mark.parametrize(
    ("type_", "mask", "release", "accepted"),
    [
        ("Encounter", "Encounter.actualPeriod", "R5", True),
        ("Encounter", "Encounter.period", "R5", False),
        ("Encounter", "Encounter.actualPeriod", "R4", False),
        ("Encounter", "Encounter.period", "R4", True),
        ("Permission", "Permission.rule", "R5", True),
        ("Permission", "Permission.rule", "R4", False),
    ],
)
def test_a_policy_is_about_the_resources_of_one_release(type_, mask, release, accepted):
    source = permission("app", {type_: ()}, ("read",), (mask,))
    if accepted:
        policy = compile_permission(source, "app", release=release)
        assert [path.release for path in policy.masks] == [release]
        return
    with pytest.raises(PermissionRefusedError, match=release):
        compile_permission(source, "app", release=release)


def test_a_granular_scope_asks_by_parameters_of_the_release():
    text = "system/Encounter.rs?date-start=2026"
    assert str(parse_scopes(text, "R5")) == text
    with pytest.raises(ScopeError):
        parse_scopes(text)
    with pytest.raises(ScopeError):
        parse_scopes("system/Observation.rs?value-string=x", "R5")
