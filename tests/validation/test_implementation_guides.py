"""A guide is read from its package, compiled, and what cannot be checked of it is said; a bad file too."""

import gzip
import io
import tarfile

import orjson
import pytest
from resource_edits import FR_CORE_PACKAGE, VALID, edited, fr_core_examples

from lab.validation.check import check
from lab.validation.ig import Dependency, IgError, Library, load
from lab.validation.overlay import SHIPPED, Overlay, fr_core
from lab.validation.report import NotChecked

CANONICAL = "https://example.org/fhir"
SD = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
PROFILE = f"{CANONICAL}/StructureDefinition/local-patient"
FR_ADDRESS = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-address"
MANIFEST = {
    "name": "example.local",
    "version": "1.0.0",
    "fhirVersions": ["4.0.1"],
    "dependencies": {"hl7.fhir.r4.core": "4.0.1", "hl7.fhir.fr.core": "2.1.0"},
}


def _element(id_, base_max="1", **given):
    path = ".".join(step.partition(":")[0] for step in id_.split("."))
    given = {"min": 0, "max": base_max} | given
    return {"id": id_, "path": path, "base": {"path": path, "min": 0, "max": base_max}, **given}


def _profile(*elements, version="1.0.0", **given):
    return {
        "resourceType": "StructureDefinition",
        "url": PROFILE,
        "version": version,
        "kind": "resource",
        "type": "Patient",
        "derivation": "constraint",
        "fhirVersion": "4.0.1",
        "snapshot": {"element": [_element("Patient", "*"), *elements]},
    } | given


def _package(tmp_path, *definitions, name="guide.tgz", **files):
    content = {f"{n}.json": definition for n, definition in enumerate(definitions)}
    content |= {"package.json": MANIFEST, **files}
    path = tmp_path / name
    with tarfile.open(path, "w:gz") as tar:
        for file, document in content.items():
            data = document if isinstance(document, bytes) else orjson.dumps(document)
            member = tarfile.TarInfo(f"package/{file}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


def _report(tmp_path, patient, *elements, extra=(), **given):
    path = _package(tmp_path, _profile(*elements, **given), *extra)
    overlay = fr_core().extended(Library((load(path),)))
    return check({"resourceType": "Patient", **patient}, profiles=overlay, claims=[PROFILE])


def _found(report):
    return {(f.rule, f.path, f.element) for f in report.findings}


CODE = {"type": [{"code": "code"}]}
IDENTIFIER = {"type": [{"code": "Identifier"}]}


def test_a_profile_adds_to_what_r4_asks(tmp_path):
    gender = _element("Patient.gender", min=1, **CODE, patternCode="female")
    photo = _element("Patient.photo", "*", max="0", type=[{"code": "Attachment"}])
    assert _found(_report(tmp_path, {"gender": "female"}, gender, photo)) == set()
    wrong = {"gender": "male", "photo": [{"url": "http://example.org"}]}
    assert _found(_report(tmp_path, wrong, gender, photo)) == {
        ("pattern", "Patient.gender", "Patient.gender"),
        ("forbidden", "Patient.photo", "Patient.photo"),
    }
    assert ("required", "Patient.gender", "Patient.gender") in _found(_report(tmp_path, {}, gender, photo))


def _sliced(discriminator, *slices, rules="open"):
    slicing = {"discriminator": [discriminator], "rules": rules}
    return [_element("Patient.identifier", "*", **IDENTIFIER, slicing=slicing), *slices]


def _slice(name, **given):
    return _element(f"Patient.identifier:{name}", "*", sliceName=name, **IDENTIFIER, **given)


BY_SYSTEM = {"type": "value", "path": "system"}
SYSTEM_A = _element("Patient.identifier:a.system", min=1, type=[{"code": "uri"}], fixedUri="http://a")


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
    period = _element("Patient.identifier:dated.period", min=1, type=[{"code": "Period"}])
    use = _element("Patient.identifier:dated.use", min=1, **CODE, fixedCode="old")
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
        _element("Bundle"),
        _element("Bundle.entry", "*", slicing=by_type, **entry),
        _element("Bundle.entry:patient", "*", sliceName="patient", min=1, max="1", **entry),
        _element("Bundle.entry:patient.resource", min=1, type=patient),
    ]
    profile = _profile(type="Bundle", snapshot={"element": elements})
    overlay = fr_core().extended(Library((load(_package(tmp_path, profile)),)))

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
    doctor = _element("Patient.generalPractitioner", "*", type=target)
    wrong = {"generalPractitioner": [{"reference": "Practitioner/1"}, {"reference": "Organization/1"}]}
    path = "Patient.generalPractitioner[1].reference"
    assert _found(_report(tmp_path, wrong, doctor)) == {("reference", path, "Patient.generalPractitioner")}


def test_what_a_schema_cannot_say_of_a_profile_is_listed(tmp_path):
    value_set = {
        "resourceType": "ValueSet",
        "url": f"{CANONICAL}/ValueSet/open",
        "compose": {"include": [{"system": "http://loinc.org", "filter": [{}]}]},
    }
    birth_date = _element("Patient.birthDate", type=[{"code": "date"}], minValueDate="1900-01-01")
    language = _element(
        "Patient.maritalStatus",
        type=[{"code": "CodeableConcept"}],
        binding={"strength": "required", "valueSet": value_set["url"]},
    )
    address = _element("Patient.address", "*", type=[{"code": "Address", "profile": [f"{FR_ADDRESS}|2.1.0"]}])
    constraint = {
        "key": "local-1",
        "severity": "error",
        "expression": "name.resolve().exists()",
        "source": PROFILE,
    }
    elements = [birth_date, language, address]
    profile = _profile(*elements)
    profile["snapshot"]["element"][0]["constraint"] = [constraint]
    path = _package(tmp_path, profile, value_set)
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
    profile = _profile()
    changed = {"key": "fr-core-1", "severity": "error", "expression": "gender.exists()", "source": PROFILE}
    profile["snapshot"]["element"][0]["constraint"] = [changed]
    overlay = fr_core().extended(Library((load(_package(tmp_path, profile)),)))
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
    old = _profile(_element("Patient.gender", min=1, **CODE), version="0.9.0")
    new = _profile(_element("Patient.birthDate", min=1, type=[{"code": "date"}]))
    first = load(_package(tmp_path, old, name="old.tgz"))
    second = load(_package(tmp_path, new, name="new.tgz"))
    overlay = Overlay(()).extended(Library((first, second)))
    for canonical, missing in (
        (f"{PROFILE}|0.9.0", "gender"),
        (f"{PROFILE}|1.0.0", "birthDate"),
        (PROFILE, "birthDate"),
    ):
        report = check({"resourceType": "Patient"}, profiles=overlay, claims=[canonical])
        assert [f.path for f in report.findings] == [f"Patient.{missing}"]


def test_a_guide_says_what_it_needs(tmp_path):
    package = load(_package(tmp_path, _profile()))
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


def _bytes(data):
    return lambda tmp_path: (tmp_path / "bad.tgz").write_bytes(data) and tmp_path / "bad.tgz"


def _cut(tmp_path):
    path = _package(tmp_path, _profile(_element("Patient.gender", **CODE, definition=str(list(range(9999))))))
    path.write_bytes(path.read_bytes()[:-5000])
    return path


def _bomb(tmp_path):
    member = tarfile.TarInfo("package/x.json")
    member.size = 2**40
    path = tmp_path / "bomb.tgz"
    path.write_bytes(gzip.compress(member.tobuf() + bytes(2**20)))
    return path


BAD = {
    "absent": lambda tmp_path: tmp_path / "absent.tgz",
    "a folder": lambda tmp_path: tmp_path,
    "empty": _bytes(b"\n"),
    "not gzip": _bytes(b"<html>Not found</html>" * 100),
    "gzip of nothing": _bytes(gzip.compress(b"nothing" * 1000)),
    "cut": _cut,
    "bomb": _bomb,
    "no manifest": lambda tmp_path: _package(tmp_path, **{"package.json": b""}),
    "manifest without name": lambda tmp_path: _package(tmp_path, **{"package.json": {"version": "1"}}),
    "manifest that is a list": lambda tmp_path: _package(tmp_path, **{"package.json": b"[]"}),
    "definition that is not JSON": lambda tmp_path: _package(tmp_path, **{"x.json": b"{"}),
    "FHIR R5": lambda tmp_path: _package(
        tmp_path, **{"package.json": {**MANIFEST, "fhirVersions": ["5.0.0"]}}
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_package_is_one_clear_sentence(tmp_path, name):
    path = BAD[name](tmp_path)
    with pytest.raises(IgError) as raised:
        load(path)
    text = raised.value.text
    assert text.en.startswith(f"{path.name}: expected a FHIR R4 package (.tgz), found ")
    assert "attendu un package FHIR R4" in text.fr
    assert text.en.endswith("R4 edition.")
    assert "\n" not in text.en + text.fr


def test_links_in_a_package_are_not_followed(tmp_path):
    path = tmp_path / "links.tgz"
    with tarfile.open(path, "w:gz") as tar:
        for file, target in (
            ("package/package.json", "/etc/passwd"),
            ("package/x.json", "package/package.json"),
        ):
            member = tarfile.TarInfo(file)
            member.type, member.linkname = tarfile.SYMTYPE, target
            tar.addfile(member)
    with pytest.raises(IgError, match=r"no file package/package\.json"):
        load(path)
