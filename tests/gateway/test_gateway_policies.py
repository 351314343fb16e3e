"""Scopes and element paths: what can be enforced is read exactly, the rest is refused.

Permissions have their own tests: ``tests/policy``.
"""

import pytest

from lab.fhir.element_path import PathError, parse_path
from lab.fhir.interaction import Interaction
from lab.fhir.scopes import ScopeError, parse_scopes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("system/Patient.rs", "system/Patient.rs"),
        ("system/Patient.read", "system/Patient.rs"),
        ("system/Patient.write", "system/Patient.cud"),
        ("system/*.*", "system/*.cruds"),
        ("system/Patient.r system/Patient.s", "system/Patient.rs"),
        ("system/Observation.c system/Condition.d", "system/Condition.d system/Observation.c"),
        ("system/Observation.rs?category=laboratory", "system/Observation.rs?category=laboratory"),
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
