"""What is tested of each requirement is said, and a SHALL that nothing verifies or explains is an error."""

import csv
import io

import pytest

from lab.engine.catalogue import catalogue
from lab.model.requirement import Requirement
from lab.model.words import Expectation
from lab.requirements.coverage import coverage, totals
from lab.requirements.load import requirements

CARD = catalogue()["SRV-RD-01"]
READ = CARD.requirements[0]


def row(id_, expectation, reason=""):
    return Requirement(id_, "Text.", "https://example.org", expectation, reason)


def known(*rows):
    return {one.id: one for one in (row(READ, Expectation.SHALL), *rows)}


def test_no_shall_is_left_without_a_check_or_a_reason():
    assert [one.requirement.id for one in coverage(requirements(), catalogue().values()) if one.owed] == []


def test_a_shall_without_either_is_owed_and_a_should_is_not():
    rows = (
        row("own@one", Expectation.SHALL),
        row("own@two", Expectation.SHOULD),
        row("own@three", Expectation.SHALL, "A person must look."),
    )
    covered = coverage(known(*rows), [CARD])
    assert [(one.requirement.id, one.checks, one.owed) for one in covered] == [
        (READ, (CARD.id,), False),
        ("own@one", (), True),
        ("own@two", (), False),
        ("own@three", (), False),
    ]
    own = totals(covered)[1]
    assert (own.set, own.requirements, own.tested, own.reasoned, own.owed) == ("own", 3, 0, 1, 1)


def test_a_check_of_a_requirement_that_no_set_holds_is_refused():
    with pytest.raises(LookupError, match=f"{CARD.id} verifies {READ}"):
        coverage({}, [CARD])


def test_the_command_prints_every_requirement_and_the_totals(lab):
    finished = lab("requirements", "coverage")
    assert finished.returncode == 0
    assert READ in finished.stdout
    assert CARD.id in finished.stdout
    assert finished.stdout.split("owed", 1)[1].count("fhir-r4") >= 1


def test_the_rows_are_printed_as_csv(lab):
    finished = lab("requirements", "coverage", "--csv", "--set", "fhir-r4")
    rows = {one["Requirement"]: one for one in csv.DictReader(io.StringIO(finished.stdout))}
    assert set(rows) == {id_ for id_ in requirements() if id_.startswith("fhir-r4@")}
    assert CARD.id in rows[READ]["Checks"].split()


def test_an_unknown_set_is_a_usage_error(lab):
    finished = lab("requirements", "coverage", "--set", "fhir-r9")
    assert finished.returncode == 2
    assert "the sets are" in finished.stderr
