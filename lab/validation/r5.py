"""Check one resource against R5: structure, codes and the invariants that say what those of R4 say.

Spec: https://hl7.org/fhir/R5/validation.html
"""

from collections.abc import Mapping
from typing import Any

from lab.validation import fast
from lab.validation.report import Finding, NotChecked, Report

R5 = "FHIR R5 5.0.0"
_LIMITS = (
    NotChecked("binding", "extensible | preferred | example", "out-of-scope"),
    NotChecked("extension", "context", "out-of-scope"),
    NotChecked("invariant", "deep", "out-of-scope"),
    NotChecked("profile", "meta.profile", "out-of-scope"),
    NotChecked("reference", "targetProfile", "out-of-scope"),
)


def check_r5(resource: Mapping[str, Any]) -> Report:
    """Return what is wrong with a resource of R5, and what was not checked.

    There is no French profile of R5, and no rule here that compares two values.
    """
    defects = fast.defects(resource, "R5")
    uncovered = [
        NotChecked("type", one.path, "not-covered") for one in defects if one.rule == "uncovered-type"
    ]
    found = tuple(sorted(Finding(one.path, one.rule) for one in defects if one.rule != "uncovered-type"))
    left_out = fast.not_checked("R5")
    type_ = str(resource.get("resourceType"))
    bindings = [
        NotChecked("binding", path, "codes-unknown", reason)
        for path, reason in left_out["bindings"].items()
        if path.partition(".")[0] == type_
    ]
    invariants = [NotChecked("invariant", key, "not-programmed") for key in left_out["invariants"]]
    return Report(found, (R5,), (*uncovered, *bindings, *invariants, *_LIMITS))
