"""The catalogue of conformance checks: each row has a check of its id, or names the probes that show it."""

import csv
import re
from pathlib import Path

import pytest

from lab.engine.catalogue import catalogue
from lab.requirements.load import requirements

ROWS = Path(__file__).parents[3] / "shared/reference/conformance_checks.csv"
LEFT = {id_.partition("@")[2]: row for id_, row in requirements().items() if id_.startswith("conformance@")}
PROBE = re.compile(r"\b(?:L\d|K)-\d\d\b")


@pytest.mark.skipif(not ROWS.exists(), reason="the catalogue is not beside the project")
def test_each_row_of_the_catalogue_has_a_check_or_a_reason():
    ids = {row["id"] for row in csv.DictReader(ROWS.read_text("utf-8-sig").splitlines())}
    assert len(ids) == 152
    assert ids - catalogue().keys() == LEFT.keys()


def test_what_is_left_to_probes_names_probes_that_exist():
    assert LEFT
    for id_, row in LEFT.items():
        named = PROBE.findall(row.not_tested_reason)
        assert named, id_
        assert set(named) <= catalogue().keys()
        assert id_ not in catalogue()
