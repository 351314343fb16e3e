"""Invariants of guides are evaluated, what the engine cannot do is said, and it agrees with our own rules."""

import pytest
from resource_edits import FR_CORE_PACKAGE, fr_core_examples

from lab.validation import fhirpath
from lab.validation.overlay import fr_core
from lab.validation.profile_invariants import HOLDS, programmed
from lab.validation.profiles import Invariant, Profile
from lab.validation.report import Finding, NotChecked

PATIENT = {
    "resourceType": "Patient",
    "active": True,
    "identifier": [{"system": "urn:a", "value": "1"}, {"value": "2"}],
    "deceasedBoolean": True,
}


def profile_of(expression, element="Patient", severity="error", type_="Patient"):
    invariant = Invariant("own-1", severity, element, expression)
    return Profile("https://example.org/p", "1", type_, {}, (invariant,))


def judged(profile, resource=PATIENT):
    """Return the findings, and what the engine left undecided, or None when it does not try."""
    chosen = fhirpath.evaluated(profile, profile.invariants)
    if not chosen:
        return None
    return list(fhirpath.broken(profile, chosen, resource, "")), list(fhirpath.undecided(chosen, resource))


@pytest.mark.parametrize(
    ("expression", "element"),
    [
        ("identifier.all(system.exists())", "Patient"),
        ("active = false", "Patient"),
        ("system.exists()", "Patient.identifier"),
        ("%resource.active.not()", "Patient.identifier"),
        ("$this = false", "Patient.deceased[x]"),
    ],
)
def test_a_broken_invariant_is_found_at_its_element(expression, element):
    profile = profile_of(expression, element, "warning")
    (found,), undecided = judged(profile)
    assert found == Finding("", "own-1", "warning", profile.canonical, element)
    assert undecided == []


@pytest.mark.parametrize(
    ("expression", "element"),
    [
        ("identifier.exists()", "Patient"),
        ("name.given.first() = 'x'", "Patient"),  # empty, which is not false
        ("value.exists()", "Patient.identifier"),
        ("family.exists()", "Patient.name"),  # there is none
        ("$this", "Patient.deceased[x]"),
    ],
)
def test_one_that_holds_is_not(expression, element):
    assert judged(profile_of(expression, element)) == ([], [])


@pytest.mark.parametrize(
    "expression",
    [
        "resolve().exists()",
        "name.memberOf('x')",
        "name.",
        "name family",
        "active =",
        "(active",
        "name )",
        "%rootResource.active",
        "conformsTo('https://x')",
        "",
    ],
)
def test_what_the_engine_cannot_do_is_not_tried(expression):
    assert judged(profile_of(expression)) is None


def test_an_invariant_of_a_slice_or_an_extension_is_not_tried():
    assert judged(profile_of("value.exists()", "Patient.identifier:NSS")) is None
    assert judged(profile_of("value.exists()", "Extension", type_="Extension")) is None


def test_an_engine_that_fails_on_a_resource_is_said():
    expression = "identifier.value.matches('1')"
    told = [NotChecked("invariant", "own-1", "not-evaluated", f"Patient: {expression}")]
    assert judged(profile_of(expression)) == ([], told)


def test_a_name_in_a_text_is_no_function():
    assert judged(profile_of("identifier.where(value = 'resolve()').empty()")) == ([], [])


def test_traces_do_not_print_what_a_patient_holds(capsys):
    assert judged(profile_of("identifier.trace('all').exists()")) == ([], [])
    assert capsys.readouterr().out == ""


@pytest.mark.skipif(not FR_CORE_PACKAGE.exists(), reason="the FR Core package is not beside the project")
def test_the_engine_and_the_programmed_rules_agree_on_the_examples_of_fr_core():
    compared, examples = 0, list(fr_core_examples())
    for profile in fr_core().profiles:
        ours = programmed(profile)
        chosen = fhirpath.evaluated(profile, ours)
        for _, example in examples:
            if example["resourceType"] != profile.type:
                continue
            wrong = {finding.rule for finding in fhirpath.broken(profile, chosen, example, "")}
            assert wrong == {one.key for one in chosen if not HOLDS[one.key][1](example)}
            compared += len(chosen)
    assert compared > 50
