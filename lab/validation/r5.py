"""Check one resource against R5: structure, codes, invariants, and what a schema cannot say of two values.

Spec: https://hl7.org/fhir/R5/validation.html
"""

from collections.abc import Mapping
from typing import Any

from lab.validation import fast
from lab.validation.deep import deep_findings, deep_rules
from lab.validation.report import Finding, NotChecked, Report
from lab.validation.walk import walk

R5 = "FHIR R5 5.0.0"
_LIMITS = (
    NotChecked("binding", "extensible | preferred | example", "out-of-scope"),
    NotChecked("extension", "context", "out-of-scope"),
    NotChecked("profile", "meta.profile", "out-of-scope"),
    NotChecked("reference", "targetProfile", "out-of-scope"),
)


def check_r5(resource: Mapping[str, Any]) -> Report:
    """Return what is wrong with a resource of R5, and what was not checked.

    There is no French profile of R5.
    """
    instance = dict(resource)
    defects = fast.defects(instance, "R5")
    uncovered = [
        NotChecked("type", one.path, "not-covered") for one in defects if one.rule == "uncovered-type"
    ]
    told = [Finding(one.path, one.rule) for one in defects if one.rule != "uncovered-type"]
    told += [finding for visit in walk(instance, "R5") for finding in deep_findings(visit)]
    left_out = fast.not_checked("R5")
    type_ = str(instance.get("resourceType"))
    bindings = [
        NotChecked("binding", path, "codes-unknown", reason)
        for path, reason in left_out["bindings"].items()
        if path.partition(".")[0] == type_
    ]
    open_ = sorted(set(left_out["invariants"]) - deep_rules())
    invariants = [NotChecked("invariant", key, "not-programmed") for key in open_]
    return Report(tuple(sorted(set(told))), (R5,), (*uncovered, *bindings, *invariants, *_LIMITS))
