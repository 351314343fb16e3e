"""A hospital as generated passes every check, whatever the number of workers."""

import json

import pytest

from synthetic_data.verification import verify

VALIDATOR = "lab.validation:defects"


def test_every_check_passes(small):
    seen = []
    report = verify(small, validator=VALIDATOR, progress=lambda done, whole: seen.append((done, whole)))
    assert {one.check: one.examples for one in report.conclusions if one.outcome == "failed"} == {}
    assert report.ok
    assert seen[-1] == (seen[-1][1], seen[-1][1])
    assert report.resources == report.of("validity").numbers["checked resources"]


@pytest.mark.slow
def test_statistics_are_judged_in_a_larger_one(large):
    report = verify(large)
    assert {one.check: one.examples for one in report.conclusions if one.outcome == "failed"} == {}
    assert all(one.outcome == "ok" for one in report.conclusions)


def test_workers_change_nothing(small):
    def facts(workers):
        report = json.loads(verify(small, workers=workers, validator=VALIDATOR).to_json())
        return [{**one, "seconds": 0} for one in report["conclusions"]]

    assert facts(1) == facts(2)
