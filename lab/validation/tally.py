"""Add up the reports of many resources: the same finding is told once, with how often and where first.

Spec: https://hl7.org/fhir/R4/validation.html
"""

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Self

from lab.validation.report import Finding, NotChecked, Report

_INDEX = re.compile(r"\[\d+\]")


@dataclass
class Tally:
    """The reports of one file or of several."""

    resources: int = 0
    wrong: int = 0
    findings: Counter[Finding] = field(default_factory=Counter)
    first: dict[Finding, tuple[int, str]] = field(default_factory=dict)
    checked_against: Counter[str] = field(default_factory=Counter)
    not_checked: Counter[NotChecked] = field(default_factory=Counter)

    def add(self, line: int, report: Report) -> None:
        """Add the report of the resource at a line."""
        self.resources += 1
        self.wrong += bool(report.errors)
        self.checked_against.update(report.checked_against)
        # Not a set: the order in which things are first met is that of what is printed.
        self.not_checked.update(
            dict.fromkeys(replace(item, where=_anywhere(item.where)) for item in report.not_checked).keys()
        )
        for finding in report.findings:
            same = replace(finding, path=_anywhere(finding.path))
            self.findings[same] += 1
            self.first.setdefault(same, (line, finding.path))

    def count(self, severity: str) -> int:
        """Return how many findings have that severity."""
        return sum(number for finding, number in self.findings.items() if finding.severity == severity)

    def __iadd__(self, other: "Tally") -> Self:
        """Add another tally; where a finding was first seen is that of each file."""
        self.resources += other.resources
        self.wrong += other.wrong
        self.findings.update(other.findings)
        self.checked_against.update(other.checked_against)
        self.not_checked.update(other.not_checked)
        return self


def _anywhere(path: str) -> str:
    """Return a path without the indexes of arrays."""
    return _INDEX.sub("", path)
