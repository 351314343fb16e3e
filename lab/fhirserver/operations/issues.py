"""The report of a validation as issues of an OperationOutcome: places and rules, never a value.

Spec: https://hl7.org/fhir/R4/operationoutcome.html
"""

from typing import Any

from lab.validation.report import Finding, Report
from lab.validation.sentences import about, left_out

MOST_ISSUES = 100
_CODES = {
    "required": "required",
    "cardinality": "structure",
    "binding": "code-invalid",
    "format": "value",
    "type": "structure",
    "unknown-element": "structure",
    "unknown-type": "not-supported",
    "reference": "value",
    "fixed": "value",
    "pattern": "value",
}
Issue = dict[str, Any]


def issues(report: Report) -> list[Issue]:
    """Return the findings, errors first, then what nobody looked at; at least one issue.

    A list that is too long ends by saying so.
    """
    findings = (*report.errors, *report.warnings)
    found = [_issue(finding) for finding in findings[:MOST_ISSUES]]
    if len(findings) > MOST_ISSUES:
        found.append(said("warning", "incomplete", f"Only the first {MOST_ISSUES} findings are given."))
    if not findings:
        found.append(said("information", "informational", "No defect was found."))
    checked = ", ".join(report.checked_against)
    unseen = [left_out(one).en for one in report.not_checked][:MOST_ISSUES]
    found.append(said("information", "informational", f"Checked against: {checked}."))
    return [*found, *(said("information", "incomplete", f"Not checked: {text}.") for text in unseen)]


def said(severity: str, code: str, diagnostics: str) -> Issue:
    """Return an issue about the whole resource."""
    return {"severity": severity, "code": code, "diagnostics": diagnostics}


def _issue(finding: Finding) -> Issue:
    source = f" ({finding.source})" if finding.source else ""
    sentence = f"{finding.path}: {finding.rule}: {about(finding).en}{source}."
    code = _CODES.get(finding.rule, "invariant")
    return {**said(finding.severity, code, sentence), "expression": [finding.path]}
