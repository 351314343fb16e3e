"""Load the requirement sets and say which check verifies which requirement."""

import csv
import io
from collections.abc import Collection, Iterable
from functools import cache
from importlib.resources import files

from lab.model.finding import Finding
from lab.model.requirement import Requirement
from lab.model.run import RequirementResult
from lab.model.words import Expectation, Outcome

_SEVEREST_FIRST = tuple(Outcome)


@cache
def requirements() -> dict[str, Requirement]:
    """Return every requirement by id, sets in name order, rows in file order."""
    found: dict[str, Requirement] = {}
    for file in sorted(files("lab.requirements").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".csv"):
            # Files of this layout often begin with a byte-order mark, which would spoil the first column.
            text = file.read_bytes().decode("utf-8-sig")
            for row in csv.DictReader(io.StringIO(text)):
                requirement = _requirement(row)
                found[requirement.id] = requirement
    return found


def results(findings: Iterable[Finding], verified: Collection[str]) -> tuple[RequirementResult, ...]:
    """Return the requirements that the findings are about, each with its rolled-up outcome.

    Those that no check of the catalogue verifies (``verified`` holds the others) come with no check, so that
    a report can say what was not tested, and why.
    """
    by_requirement: dict[str, list[Finding]] = {}
    for finding in findings:
        for id_ in finding.check.requirements:
            by_requirement.setdefault(id_, []).append(finding)
    return tuple(
        _result(requirement, by_requirement.get(id_, []))
        for id_, requirement in requirements().items()
        if id_ in by_requirement or id_ not in verified
    )


def _result(requirement: Requirement, findings: list[Finding]) -> RequirementResult:
    return RequirementResult(
        requirement=requirement,
        checks=tuple(finding.check.id for finding in findings),
        outcome=roll_up(finding.outcome for finding in findings) if findings else Outcome.SKIP,
    )


def roll_up(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the most serious outcome: error > fail > skip > warning > pass > omit."""
    return min(outcomes, key=_SEVEREST_FIRST.index)


def _requirement(row: dict[str, str]) -> Requirement:
    return Requirement(
        id=f"{row['Req Set']}@{row['ID']}",
        text=row["Requirement"],
        url=row["URL"],
        expectation=Expectation(row["Conformance"].replace(" NOT", "")),
        not_tested_reason=row["Not Tested Reason"],
        references=tuple(filter(None, row.get("References", "").split(";"))),
    )
