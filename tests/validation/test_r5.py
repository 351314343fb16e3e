"""R5 is checked by its own definitions; what it leaves out is said, and R4 resources are not taken for it."""

import copy
import json

import pytest
from resource_edits import VALID

from lab.validation import fast
from lab.validation.check import check
from lab.validation.r5 import R5, check_r5

PERMISSION = {
    "resourceType": "Permission",
    "status": "active",
    "combining": "deny-unless-permit",
    "rule": [
        {
            "type": "permit",
            "data": [{"resource": [{"meaning": "instance", "reference": {"reference": "Group/cohort"}}]}],
            "activity": [{"actor": [{"reference": "Device/app"}]}],
        }
    ],
}
ENCOUNTER = {
    "resourceType": "Encounter",
    "status": "in-progress",
    "class": [{"coding": [{"code": "EMER"}]}],
    "actualPeriod": {"start": "2023-03-01"},
    "subject": {"reference": "Patient/1"},
}


def found(resource, **changed):
    made = {**copy.deepcopy(resource), **changed}
    return {(one.path, one.rule) for one in check_r5(made).findings}


@pytest.mark.parametrize("resource", [PERMISSION, ENCOUNTER])
def test_what_is_r5_is_accepted(resource):
    report = check_r5(resource)
    assert report.findings == ()
    assert report.checked_against == (R5,)


@pytest.mark.parametrize(
    ("resource", "changed", "defect"),
    [
        (PERMISSION, {"combining": "permit-all"}, ("Permission.combining", "binding")),
        (PERMISSION, {"rules": []}, ("Permission.rules", "unknown-element")),
        (PERMISSION, {"rule": []}, ("Permission.rule", "cardinality")),
        (ENCOUNTER, {"status": "finished"}, ("Encounter.status", "binding")),  # of R4
        (ENCOUNTER, {"class": {"code": "EMER"}}, ("Encounter.class", "type")),  # of R4
        (ENCOUNTER, {"period": {"start": "2023-03-01"}}, ("Encounter.period", "unknown-element")),  # of R4
        (ENCOUNTER, {"subject": {"reference": "Device/1"}}, ("Encounter.subject.reference", "reference")),
    ],
)
def test_a_defect_is_found_at_its_place(resource, changed, defect):
    assert defect in found(resource, **changed)


def test_a_64_bit_integer_is_a_text():
    attachment = {"resourceType": "DocumentReference", "status": "current", "content": [{}]}
    attachment["content"][0]["attachment"] = {"contentType": "text/plain", "size": "5000000000"}
    assert found(attachment) == set()
    attachment["content"][0]["attachment"]["size"] = 12
    assert ("DocumentReference.content[0].attachment.size", "type") in found(attachment)


def test_each_release_refuses_what_only_the_other_has():
    assert check(ENCOUNTER).errors
    assert check_r5(VALID["encounter-emergency"]).errors
    assert "Media" in fast.covered_types()
    assert "Media" not in fast.covered_types("R5")
    assert ("resourceType", "unknown-type") in found({"resourceType": "Media"})


def test_what_is_not_checked_is_said():
    left_out = {(one.kind, one.where, one.reason) for one in check_r5(PERMISSION).not_checked}
    assert ("profile", "meta.profile", "out-of-scope") in left_out
    assert ("reference", "targetProfile", "out-of-scope") in left_out
    assert ("invariant", "tsk-1", "not-programmed") in left_out
    assert ("binding", "Permission.language", "codes-unknown") in left_out


def test_the_command_checks_r5(lab, tmp_path):
    (tmp_path / "right.json").write_text(json.dumps(PERMISSION))
    (tmp_path / "wrong.json").write_text(json.dumps({**PERMISSION, "status": "on"}))
    right = lab("validate", str(tmp_path / "right.json"), "--fhir", "R5")
    assert right.returncode == 0, right.stdout
    assert R5 in right.stdout
    wrong = lab("validate", str(tmp_path / "wrong.json"), "--fhir", "R5")
    assert wrong.returncode == 1
    assert "Permission.status" in wrong.stdout
    refused = lab("validate", str(tmp_path / "right.json"), "--fhir", "R5", "--profile", "https://x.org/p")
    assert refused.returncode == 2
    assert "R4" in refused.stderr
