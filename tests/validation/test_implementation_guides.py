"""A guide is read from its package, compiled, and what cannot be checked of it is said; a bad file too."""

import pytest
from guide_packages import (
    CANONICAL,
    CODE,
    FR_ADDRESS,
    PROFILE,
    SD,
    made_element,
    made_package,
    made_profile,
)
from resource_edits import FR_CORE_PACKAGE, VALID, edited, fr_core_examples

from lab.validation.check import check
from lab.validation.ig import Dependency, Library, load
from lab.validation.overlay import SHIPPED, Overlay, fr_core
from lab.validation.report import NotChecked


def _report(tmp_path, patient, *elements, extra=(), **given):
    path = made_package(tmp_path, made_profile(*elements, **given), *extra)
    overlay = fr_core().extended(Library((load(path),)))
    return check({"resourceType": "Patient", **patient}, profiles=overlay, claims=[PROFILE])


def _found(report):
    return {(f.rule, f.path, f.element) for f in report.findings}


IDENTIFIER = {"type": [{"code": "Identifier"}]}


def test_a_profile_adds_to_what_r4_asks(tmp_path):
    gender = made_element("Patient.gender", min=1, **CODE, patternCode="female")
    photo = made_element("Patient.photo", "*", max="0", type=[{"code": "Attachment"}])
    assert _found(_report(tmp_path, {"gender": "female"}, gender, photo)) == set()
    wrong = {"gender": "male", "photo": [{"url": "http://example.org"}]}
    assert _found(_report(tmp_path, wrong, gender, photo)) == {
        ("pattern", "Patient.gender", "Patient.gender"),
        ("forbidden", "Patient.photo", "Patient.photo"),
    }
    assert ("required", "Patient.gender", "Patient.gender") in _found(_report(tmp_path, {}, gender, photo))


def _sliced(discriminator, *slices, rules="open"):
    slicing = {"discriminator": [discriminator], "rules": rules}
    return [made_element("Patient.identifier", "*", **IDENTIFIER, slicing=slicing), *slices]


def _slice(name, **given):
    return made_element(f"Patient.identifier:{name}", "*", sliceName=name, **IDENTIFIER, **given)


BY_SYSTEM = {"type": "value", "path": "system"}
SYSTEM_A = made_element("Patient.identifier:a.system", min=1, type=[{"code": "uri"}], fixedUri="http://a")


def test_slices_count_their_items_and_a_closed_slicing_has_no_others(tmp_path):
    elements = _sliced(BY_SYSTEM, _slice("a", min=1, max="1"), SYSTEM_A, rules="closed")
    a, b = {"system": "http://a", "value": "1"}, {"system": "http://b", "value": "1"}
    assert _found(_report(tmp_path, {"identifier": [a]}, *elements)) == set()
    assert {rule for rule, _, _ in _found(_report(tmp_path, {"identifier": [b]}, *elements))} == {
        "slice-minimum",
        "slice-closed",
    }
    assert {rule for rule, _, _ in _found(_report(tmp_path, {"identifier": [a, a]}, *elements))} == {
        "slice-maximum"
    }
    assert {rule for rule, _, _ in _found(_report(tmp_path, {}, *elements))} == {"required"}


def test_a_slice_may_be_told_by_what_is_there(tmp_path):
    exists = {"type": "exists", "path": "period"}
    period = made_element("Patient.identifier:dated.period", min=1, type=[{"code": "Period"}])
    use = made_element("Patient.identifier:dated.use", min=1, **CODE, fixedCode="old")
    elements = _sliced(exists, _slice("dated"), period, use)
    assert _found(_report(tmp_path, {"identifier": [{"use": "usual"}]}, *elements)) == set()
    dated = {"identifier": [{"use": "usual", "period": {"start": "2020"}}]}
    assert {rule for rule, _, _ in _found(_report(tmp_path, dated, *elements))} == {"fixed"}


@pytest.mark.parametrize(
    ("discriminator", "slices", "where"),
    [
        ({"type": "profile", "path": "$this"}, [_slice("a")], "Patient.identifier:a"),
        ({"type": "value", "path": "assigner.resolve()"}, [_slice("a")], "Patient.identifier:a"),
        ({"type": "type", "path": "$this"}, [_slice("a")], "Patient.identifier:a"),
        (BY_SYSTEM, [_slice("a")], "Patient.identifier:a"),
        (BY_SYSTEM, [_slice("a/b"), SYSTEM_A], "Patient.identifier:a/b"),
    ],
)
def test_a_slice_that_cannot_be_told_is_listed(tmp_path, discriminator, slices, where):
    slices = [_slice("a"), *slices] if where.endswith("/b") else slices
    report = _report(tmp_path, {"identifier": [{"value": "1"}]}, *_sliced(discriminator, *slices))
    assert report.findings == ()
    assert ("slice", where, "undecidable") in {(n.kind, n.where, n.reason) for n in report.not_checked}


def test_the_entries_of_a_bundle_are_told_by_their_type_and_follow_its_profile(tmp_path):
    by_type = {"discriminator": [{"type": "type", "path": "resource"}], "rules": "open"}
    entry = {"type": [{"code": "BackboneElement"}]}
    patient = [{"code": "Patient", "profile": [f"{SD}fr-core-patient|2.2.0"]}]
    elements = [
        made_element("Bundle"),
        made_element("Bundle.entry", "*", slicing=by_type, **entry),
        made_element("Bundle.entry:patient", "*", sliceName="patient", min=1, max="1", **entry),
        made_element("Bundle.entry:patient.resource", min=1, type=patient),
    ]
    profile = made_profile(type="Bundle", snapshot={"element": elements})
    overlay = fr_core().extended(Library((load(made_package(tmp_path, profile)),)))

    def found(*resources):
        bundle = {"resourceType": "Bundle", "type": "collection"}
        bundle |= {"entry": [{"fullUrl": f"urn:oid:1.2.{n}", "resource": r} for n, r in enumerate(resources)]}
        return _found(check(bundle, profiles=overlay, claims=[PROFILE]))

    other, right = (
        {"resourceType": "Organization", "name": "x"},
        {"resourceType": "Patient", "gender": "male"},
    )
    assert found(other, right) == set()
    assert {rule for rule, _, _ in found(other)} == {"slice-minimum"}
    wrong = {**right, "gender": "other"}
    assert ("binding", "Bundle.entry[1].resource.gender", "Patient.gender") in found(other, wrong)


def test_a_reference_is_to_the_types_of_its_target_profiles(tmp_path):
    target = [
        {"code": "Reference", "targetProfile": ["http://hl7.org/fhir/StructureDefinition/Practitioner"]}
    ]
    doctor = made_element("Patient.generalPractitioner", "*", type=target)
    wrong = {"generalPractitioner": [{"reference": "Practitioner/1"}, {"reference": "Organization/1"}]}
    path = "Patient.generalPractitioner[1].reference"
    assert _found(_report(tmp_path, wrong, doctor)) == {("reference", path, "Patient.generalPractitioner")}


def test_what_a_schema_cannot_say_of_a_profile_is_listed(tmp_path):
    value_set = {
        "resourceType": "ValueSet",
        "url": f"{CANONICAL}/ValueSet/open",
        "compose": {"include": [{"system": "http://loinc.org", "filter": [{}]}]},
    }
    birth_date = made_element("Patient.birthDate", type=[{"code": "date"}], minValueDate="1900-01-01")
    language = made_element(
        "Patient.maritalStatus",
        type=[{"code": "CodeableConcept"}],
        binding={"strength": "required", "valueSet": value_set["url"]},
    )
    address = made_element(
        "Patient.address", "*", type=[{"code": "Address", "profile": [f"{FR_ADDRESS}|2.1.0"]}]
    )
    constraint = {
        "key": "local-1",
        "severity": "error",
        "expression": "name.resolve().exists()",
        "source": PROFILE,
    }
    elements = [birth_date, language, address]
    profile = made_profile(*elements)
    profile["snapshot"]["element"][0]["constraint"] = [constraint]
    path = made_package(tmp_path, profile, value_set)
    overlay = fr_core().extended(Library((load(path),)))
    report = check({"resourceType": "Patient"}, profiles=overlay, claims=[PROFILE])
    assert report.findings == ()
    assert set(report.not_checked) >= {
        NotChecked("range", "Patient.birthDate", "not-programmed"),
        NotChecked("binding", "Patient.maritalStatus", "codes-unknown", "a filter over http://loinc.org"),
        NotChecked("profile", "Patient.address", "not-loaded", f"{FR_ADDRESS}|2.1.0"),
        NotChecked("invariant", "local-1", "not-programmed", "Patient: name.resolve().exists()"),
    }


def test_an_invariant_of_another_version_under_the_same_key_is_not_taken_for_it(tmp_path):
    profile = made_profile()
    changed = {"key": "fr-core-1", "severity": "error", "expression": "gender.exists()", "source": PROFILE}
    profile["snapshot"]["element"][0]["constraint"] = [changed]
    overlay = fr_core().extended(Library((load(made_package(tmp_path, profile)),)))
    assert not check(
        {"resourceType": "Patient", "gender": "male"}, profiles=overlay, claims=[PROFILE]
    ).findings
    report = check({"resourceType": "Patient"}, profiles=overlay, claims=[PROFILE])
    assert [finding.rule for finding in report.findings] == ["fr-core-1"]


def test_a_profile_without_a_snapshot_is_listed(tmp_path):
    report = _report(tmp_path, {}, snapshot={})
    assert ("profile", f"{PROFILE}|1.0.0", "no-snapshot") in {
        (n.kind, n.where, n.reason) for n in report.not_checked
    }


def test_two_versions_live_side_by_side(tmp_path):
    old = made_profile(made_element("Patient.gender", min=1, **CODE), version="0.9.0")
    new = made_profile(made_element("Patient.birthDate", min=1, type=[{"code": "date"}]))
    first = load(made_package(tmp_path, old, name="old.tgz"))
    second = load(made_package(tmp_path, new, name="new.tgz"))
    overlay = Overlay(()).extended(Library((first, second)))
    for canonical, missing in (
        (f"{PROFILE}|0.9.0", "gender"),
        (f"{PROFILE}|1.0.0", "birthDate"),
        (PROFILE, "birthDate"),
    ):
        report = check({"resourceType": "Patient"}, profiles=overlay, claims=[canonical])
        assert [f.path for f in report.findings] == [f"Patient.{missing}"]


def test_a_guide_says_what_it_needs(tmp_path):
    package = load(made_package(tmp_path, made_profile()))
    assert package.title == "example.local#1.0.0"
    assert Library((package,)).missing(SHIPPED) == (
        Dependency("hl7.fhir.fr.core", "2.1.0", "example.local#1.0.0"),
    )


@pytest.mark.skipif(not FR_CORE_PACKAGE.exists(), reason="the FR Core package is not beside the project")
def test_fr_core_read_at_run_time_says_the_same_as_the_one_that_ships():
    read = Overlay(()).extended(Library((load(FR_CORE_PACKAGE),)))
    assert len(read.profiles) == 64
    for _, example in fr_core_examples():
        assert check(example, profiles=read).findings == check(example).findings
    for place, value in (
        ("gender", "other"),
        ("identifier[0].use", "usual"),
        ("extension[1].url", "http://x.y"),
    ):
        mutant = edited("patient-ins", place, value)
        assert check(mutant, profiles=read).findings == check(mutant).findings
    assert check(VALID["patient-ins"], profiles=read).findings == ()
