"""Renders a run as a JUnit file: one test case per finding and per load threshold, without any clock value.

Format: https://github.com/testmoapp/junitxml
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from reports.inert import inert
from reports.thresholds import threshold_outcome
from reports.words import words

_ELEMENTS = {"fail": "failure", "error": "error", "skip": "skipped", "omit": "skipped"}
_COUNTERS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


@dataclass(frozen=True)
class _Case:
    suite: str
    group: str
    id: str
    title: str
    outcome: str
    message: str
    details: str


def render_junit(run: Mapping[str, Any]) -> str:
    """Return the JUnit text of a run document; the same document gives the same text.

    ``fail`` is a failure, ``error`` an error, ``skip`` and ``omit`` are skipped, ``warning`` passes and says
    its remark on standard output.
    """
    clean = inert(run)
    root = ET.Element("testsuites", name=f"{clean['subject']['name']} {clean['subject']['version']}")
    suites: dict[str, list[_Case]] = {suite: [] for suite in words()["suite"]}
    for case in (*_findings(clean), *_thresholds(clean)):
        suites[case.suite].append(case)
    for suite, cases in suites.items():
        if cases:
            root.append(_suite(suite, cases, clean))
    _count(root)
    ET.indent(root)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{ET.tostring(root, encoding='unicode')}\n"


def _findings(run: Mapping[str, Any]) -> Iterable[_Case]:
    for finding in run["findings"]:
        group = finding["role"] if finding["level"] is None else f"level{finding['level']}"
        yield _Case(
            suite=finding["suite"],
            group=f"{finding['suite']}.{group}",
            id=finding["check"],
            title=finding["title"]["en"],
            outcome=finding["outcome"],
            message=finding["message"]["en"],
            details=_details(finding),
        )


def _thresholds(run: Mapping[str, Any]) -> Iterable[_Case]:
    for result in run["load"]:
        for threshold in result["thresholds"]:
            yield _Case(
                suite="load",
                group=f"load.{result['profile']}",
                id=f"{result['profile']}: {threshold['expression']}",
                title="",
                outcome=threshold_outcome(result, threshold),
                message=_measure(result, threshold),
                details="",
            )


def _details(finding: Mapping[str, Any]) -> str:
    lines = [
        f"{finding['expectation']}, {finding['severity']}",
        finding["message"]["en"],
        finding["message"]["fr"],
        f"Remedy: {finding['remedy']['en']}",
        f"Remède : {finding['remedy']['fr']}",
        f"Requirements: {', '.join(finding['requirements']) or '-'}",
        f"Evidence: {', '.join(finding['evidence']) or '-'}",
    ]
    return "\n".join(lines)


def _measure(result: Mapping[str, Any], threshold: Mapping[str, Any]) -> str:
    value = "no sample" if threshold["value"] is None else f"measured {threshold['value']:g}"
    text = f"{value}, {threshold['samples']} samples"
    if result["valid"]:
        return text
    reason = result["invalid_reason"]
    return f"{text}; invalid run: {reason['en'] if reason else 'no reason given'}"


def _suite(name: str, cases: list[_Case], run: Mapping[str, Any]) -> ET.Element:
    suite = ET.Element("testsuite", name=name)
    properties = ET.SubElement(suite, "properties")
    for key, value in {
        "run": run["id"],
        "verdict": run["verdict"]["status"],
        "planned": str(run["planned"]),
        "reported": str(run["reported"]),
    }.items():
        ET.SubElement(properties, "property", name=key, value=value)
    for case in cases:
        element = ET.SubElement(
            suite, "testcase", classname=case.group, name=f"{case.id} {case.title}".strip()
        )
        if case.outcome in _ELEMENTS:
            ET.SubElement(element, _ELEMENTS[case.outcome], message=case.message).text = case.details
        elif case.outcome == "warning":
            ET.SubElement(element, "system-out").text = case.details
    return suite


def _count(root: ET.Element) -> None:
    for element in (*root, root):
        element.set("tests", str(len(element.findall(".//testcase"))))
        for counter, tag in _COUNTERS.items():
            element.set(counter, str(len(element.findall(f".//testcase/{tag}"))))
