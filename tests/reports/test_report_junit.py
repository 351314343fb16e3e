"""The JUnit file counts what the run found and says nothing of the clock."""

import copy
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from sample_run import full_run, hostile_run, sound_run

from reports import render_junit


def _suites(run: dict[str, Any]) -> dict[str, dict[str, int]]:
    root = ET.fromstring(render_junit(run))
    return {
        suite.attrib["name"]: {
            key: int(suite.attrib[key]) for key in ("tests", "failures", "errors", "skipped")
        }
        for suite in root
    }


def test_outcomes_become_junit_elements(run: dict[str, Any]) -> None:
    assert _suites(run) == {
        "conformance": {"tests": 20, "failures": 3, "errors": 1, "skipped": 4},
        "security": {"tests": 22, "failures": 2, "errors": 0, "skipped": 3},
        "load": {"tests": 9, "failures": 2, "errors": 0, "skipped": 4},
    }


def test_totals_are_the_sums_of_the_suites(run: dict[str, Any]) -> None:
    root = ET.fromstring(render_junit(run))
    for key in ("tests", "failures", "errors", "skipped"):
        assert int(root.attrib[key]) == sum(int(suite.attrib[key]) for suite in root)


def test_one_case_per_finding_and_per_threshold_named_by_its_id(run: dict[str, Any]) -> None:
    root = ET.fromstring(render_junit(run))
    names = [case.attrib["name"] for case in root.iter("testcase")]
    wanted = [finding["check"] for finding in run["findings"]]
    assert sorted(name.split()[0] for name in names[: len(wanted)]) == sorted(wanted)
    assert len(names) == len(wanted) + sum(len(result["thresholds"]) for result in run["load"])


def test_failure_says_message_remedy_and_evidence(run: dict[str, Any]) -> None:
    root = ET.fromstring(render_junit(run))
    case = next(case for case in root.iter("testcase") if case.attrib["name"].startswith("L4-03 "))
    failure = case.find("failure")
    assert failure is not None
    assert "outside the cohort" in failure.attrib["message"]
    assert "hors file active" in (failure.text or "")
    assert "Evidence: x8" in (failure.text or "")
    assert case.attrib["classname"] == "security.level4"


def test_remark_passes_and_is_printed(run: dict[str, Any]) -> None:
    root = ET.fromstring(render_junit(run))
    case = next(case for case in root.iter("testcase") if case.attrib["name"].startswith("SRV-PAG-03 "))
    assert [child.tag for child in case] == ["system-out"]


@pytest.mark.parametrize("word", ["time", "timestamp", "2026-11-22T09:30", "412.7"])
def test_no_clock_value(run: dict[str, Any], word: str) -> None:
    timeless = {**run, "id": "a-run"}
    root = ET.fromstring(render_junit(timeless))
    assert all(word not in element.attrib for element in root.iter())
    assert all(word != value for element in root.iter() for value in element.attrib.values())
    assert render_junit({**timeless, "started": "1999-01-01T00:00:00Z", "duration_s": 1}) == render_junit(
        timeless
    )


def test_leak_fails_even_in_an_invalid_run(run: dict[str, Any]) -> None:
    leaking = copy.deepcopy(run)
    leaking["load"][1]["leaks"] = 1
    leaking["load"][1]["thresholds"][3] |= {"value": 1, "met": False}
    assert _suites(leaking)["load"] == {"tests": 9, "failures": 4, "errors": 0, "skipped": 2}


def test_hostile_run_is_still_xml() -> None:
    root = ET.fromstring(render_junit(hostile_run()))
    assert len(list(root.iter("testcase"))) == 51


def test_suite_without_case_is_left_out() -> None:
    assert _suites(sound_run()) == {"conformance": {"tests": 1, "failures": 0, "errors": 0, "skipped": 0}}


def test_same_text_twice() -> None:
    assert render_junit(full_run()) == render_junit(full_run())
