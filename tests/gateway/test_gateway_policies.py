"""Scopes, element paths and Permissions: what can be enforced is compiled exactly, the rest is refused."""

from datetime import date

import pytest

from lab.fhir.element_path import PathError, parse_path
from lab.fhir.interaction import Interaction
from lab.fhir.permission import LIMIT, NETWORK, PolicyError, compile_permission
from lab.fhir.permission_form import permission
from lab.fhir.scopes import ScopeError, parse_scopes

READ = ("read", "search-type")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("system/Patient.rs", "system/Patient.rs"),
        ("system/Patient.read", "system/Patient.rs"),
        ("system/Patient.write", "system/Patient.cud"),
        ("system/*.*", "system/*.cruds"),
        ("system/Patient.r system/Patient.s", "system/Patient.rs"),
        ("system/Observation.c system/Condition.d", "system/Condition.d system/Observation.c"),
    ],
)
def test_scopes_of_both_versions_are_read(text, said):
    assert str(parse_scopes(text)) == said


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "system/Patient.rs ",
        "system/Patient.sr",
        "system/Patient.rr",
        "system/Patient.x",
        "system/Patient.",
        "system/patient.rs",
        "user/Patient.rs",
        "patient/Patient.rs",
        "openid",
        "system/Patient.rs\u2003",
        "system/Patient.rs\n",
        "system/Observation.rs?category=laboratory",
        "SYSTEM/Patient.rs",
    ],
)
def test_what_is_no_scope_is_refused(text):
    with pytest.raises(ScopeError, match="Not a scope"):
        parse_scopes(text)


@pytest.mark.parametrize(
    ("asked", "registered", "granted"),
    [
        ("system/*.cruds", "system/Patient.rs system/Group.r", "system/Group.r system/Patient.rs"),
        ("system/Patient.cruds", "system/*.rs", "system/Patient.rs"),
        ("system/Patient.rs", "system/Group.rs", ""),
        ("system/*.rs", "system/*.r", "system/*.r"),
        ("system/Patient.r system/*.s", "system/Patient.rs", "system/Patient.rs"),
    ],
)
def test_what_is_granted_is_within_what_is_asked_and_what_is_registered(asked, registered, granted):
    assert str(parse_scopes(asked).within(parse_scopes(registered))) == granted


def test_a_right_is_of_one_type_and_one_letter():
    scopes = parse_scopes("system/Patient.r")
    assert scopes.allows("Patient", Interaction.READ)
    assert not scopes.allows("Patient", Interaction.SEARCH_TYPE)
    assert not scopes.allows("Group", Interaction.READ)
    assert not scopes.allows(None, Interaction.READ)
    assert not parse_scopes("system/*.cruds").allows("Patient", Interaction.OPERATION)


def test_an_element_path_may_choose_systems():
    path = parse_path("Patient.identifier.where(system in ('urn:a' | 'urn:b'))")
    assert (path.type, path.elements, path.systems) == ("Patient", ("identifier",), {"urn:a", "urn:b"})
    assert str(path) == "Patient.identifier"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Patient",
        "patient.name",
        "Patient..name",
        "Patient.name[0]",
        "Patient.name.where(use='official')",
        "Patient.identifier.where(system in ())",
        "Patient.name | Patient.address",
        "Patient.resolve()",
        "$.name",
    ],
)
def test_a_path_that_cannot_be_proven_is_refused(text):
    with pytest.raises(PathError, match="Not a path"):
        parse_path(text)


def source(**changed):
    return {
        **permission("app", {"Patient": ("g",), "Organization": ()}, READ, ("Patient.address",)),
        **changed,
    }


def rule(**changed):
    return source(rule=[{**source()["rule"][0], **changed}])


def test_a_permission_is_compiled_into_what_the_levels_apply():
    policy = compile_permission(source(validity={"start": "2026-01-15", "end": "2026-12-31"}), "app")
    assert [str(network) for network in policy.networks] == ["127.0.0.1/32"]
    assert policy.opened(Interaction.READ, "TREAT") == {"Patient": ("g",), "Organization": ()}
    assert policy.opened(Interaction.CREATE, "TREAT") == {}
    assert policy.opened(Interaction.READ, "HRESCH") == {}
    assert [str(mask) for mask in policy.masks] == ["Patient.address"]
    days = [date(2026, 1, 14), date(2026, 1, 15), date(2026, 12, 31), date(2027, 1, 1)]
    assert [policy.in_force(day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize("status", ["draft", "entered-in-error", "rejected"])
def test_only_an_active_permission_is_in_force(status):
    assert not compile_permission(source(status=status), "app").in_force(date(2026, 6, 1))


def test_where_rules_overlap_groups_add_up_and_every_mask_applies():
    first = permission("app", {"Patient": ("a",)}, READ, ("Patient.address",))["rule"]
    second = permission("app", {"Patient": ("b",)}, READ, ("Patient.name",))["rule"]
    policy = compile_permission(source(rule=first + second), "app")
    assert policy.opened(Interaction.READ, "TREAT") == {"Patient": ("a", "b")}
    assert {str(mask) for mask in policy.masks} == {"Patient.address", "Patient.name"}


REFUSED = {
    "an algorithm that lets the unmatched through": source(combining="permit-unless-deny"),
    "an algorithm that lets a permit win": source(combining="permit-overrides"),
    "no network": rule(modifierExtension=[]),
    "a deny rule": rule(type="deny"),
    "no data": rule(data=[]),
    "no activity": rule(activity=[]),
    "an unknown modifier": rule(modifierExtension=[{"url": "urn:x", "valueBoolean": True}]),
    "a limit of the core": rule(limit=[{"text": "x"}]),
    "data confined by tags": rule(
        data=[{"security": [{"code": "R"}], "expression": {"expression": "Patient"}}]
    ),
    "a cohort that is no Group": rule(
        data=[{"resource": [{"meaning": "related", "reference": {"reference": "List/1"}}]}]
    ),
    "a path that cannot be proven": rule(
        modifierExtension=[
            {"url": NETWORK, "extension": [{"url": "cidr", "valueString": "127.0.0.1/32"}]},
            {"url": LIMIT, "extension": [{"url": "path", "valueString": "Patient.name[0]"}]},
        ]
    ),
    "a network that is none": rule(
        modifierExtension=[{"url": NETWORK, "extension": [{"url": "cidr", "valueString": "10.31."}]}]
    ),
    "another resource": {"resourceType": "Patient"},
    "a partial date": source(validity={"start": "2026"}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_enforced_as_written_is_refused_at_load(case):
    with pytest.raises(PolicyError):
        compile_permission(REFUSED[case], "app")


def test_a_permission_is_for_one_application():
    with pytest.raises(PolicyError, match="Device/other"):
        compile_permission(source(), "other")


def test_another_text_is_another_version():
    versions = {
        compile_permission(policy, "app").version for policy in (source(), source(date=["2026-01-01"]))
    }
    assert len(versions) == 2


@pytest.mark.parametrize(
    "path",
    ["Patient.adress", "Patient.address.ville", "Patients.name", "Patient.name.family.x", "Patient.Name"],
)
def test_a_mask_on_what_is_no_element_would_hide_nothing_and_is_refused(path):
    with pytest.raises(PolicyError, match=r"no element|Not a path"):
        compile_permission(permission("app", {"Patient": ("g",)}, READ, (path,)), "app")


@pytest.mark.parametrize(
    "path",
    [
        "Patient.address.city",
        "Patient.deceased",
        "Observation.value",
        "Patient.contact.telecom.value",
        "Encounter.location.location",
        "Patient.meta",
    ],
)
def test_a_mask_on_any_element_is_compiled(path):
    assert compile_permission(permission("app", {"Patient": ("g",)}, READ, (path,)), "app").masks


def test_rules_that_open_different_networks_are_refused():
    other = rule(
        modifierExtension=[{"url": NETWORK, "extension": [{"url": "cidr", "valueString": "10.2.0.0/16"}]}]
    )
    with pytest.raises(PolicyError, match="different networks"):
        compile_permission(source(rule=source()["rule"] + other["rule"]), "app")


def test_what_may_narrow_access_is_never_ignored():
    activity = source()["rule"][0]["activity"][0]
    modifier = [{"url": "urn:x", "valueBoolean": True}]
    for changed in (
        source(modifierExtension=modifier),
        rule(activity=[{**activity, "modifierExtension": modifier}]),
        rule(activity=[{**activity, "action": [{"coding": [{"system": "urn:x"}]}]}]),
    ):
        with pytest.raises(PolicyError):
            compile_permission(changed, "app")
