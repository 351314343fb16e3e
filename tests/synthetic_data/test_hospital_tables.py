"""Distribution tables: consistent with one another, and only certain codes."""

import re

import numpy as np
import pytest

from synthetic_data.facts.diagnoses import CODES as RANKED_CODES
from synthetic_data.facts.units import UNITS, unit_for
from synthetic_data.tables import admits, table

TESTS = {row["loinc"] for row in table("laboratoire")}
CODES = {row["code"] for row in table("cim10")}
STATES = {row["etat"] for row in table("maladies")} | {"naissance"}


@pytest.mark.parametrize("name", ["cim10", "laboratoire"])
def test_only_certain_codes_are_kept(name):
    assert {row["certitude"] for row in table(name)} <= {"S", "A"}


def test_every_code_named_elsewhere_is_in_the_diagnosis_table():
    named = {row["cim10"] for name in ("maladies", "motifs_urgences") for row in table(name)}
    assert named <= CODES


def test_diseases_of_one_sex_are_marked_as_such():
    for row in table("cim10"):
        if row["code"].startswith(("O", "C50", "C56", "N80", "N97")):
            assert row["sexe"] == "F", row["code"]
        if row["code"] in ("C61", "N40"):
            assert row["sexe"] == "M", row["code"]


def test_needed_states_exist():
    assert {row["exige"] for row in table("cim10") if row["exige"]} <= STATES
    assert {row["favorise_par"] for row in table("maladies") if row["favorise_par"]} <= STATES


def test_panels_and_states_name_known_tests():
    known = TESTS
    assert {test for row in table("bilans") for test in row["analyses"].split()} <= known
    assert {row["loinc"] for name in ("labo_etats", "labo_references") for row in table(name)} <= known


def test_laboratory_states_are_states_or_codes():
    assert {row["etat"] for row in table("labo_etats")} <= STATES | CODES


def test_panel_and_imaging_indications_match_something():
    for name in ("bilans", "imagerie"):
        for row in table(name):
            for prefix in row["indications"].split():
                assert any(word.startswith(prefix) for word in CODES | STATES), (name, prefix)


def test_loinc_check_digits_hold():
    for code in TESTS:
        body, _, check = code.partition("-")
        doubled = "".join(str(int(digit) * (2 - rank % 2)) for rank, digit in enumerate(reversed(body)))
        assert (-sum(map(int, doubled))) % 10 == int(check), code


def test_structures_point_to_known_parents_sites_and_specialties():
    ids = {row["id"] for row in table("structures")} | {"org-chu"}
    assert {row["parent"] for row in table("structures")} <= ids
    assert {row["specialite"] for row in table("structures")} <= {
        row["code"] for row in table("specialites")
    } | {""}
    sites = {row["site"] for row in table("sites")}
    assert {row["site"] for row in table("structures")} <= sites | {""}


@pytest.mark.parametrize(
    "usages", [("hospitalisation",), ("ambulatoire", "hospitalisation"), ("consultation",)]
)
def test_every_diagnosis_sex_and_age_finds_a_unit_that_takes_it(usages):
    """Read from the table of the structures itself: prefixes, sex and age limits."""
    for sex, letter in enumerate("MF"):
        for age in (0, 10, 17, 18, 50, 74, 75, 90, 106):
            size = len(RANKED_CODES)
            found = unit_for(usages, np.arange(size), np.full(size, sex), np.full(size, age))
            for code, rank in zip(RANKED_CODES, found, strict=True):
                unit = UNITS[rank]
                prefixes = unit["cim10"].split()
                assert unit["usage"] in usages
                assert "*" in prefixes or code.startswith(tuple(prefixes)), (code, letter, age, unit["id"])
                assert admits(unit, letter, age), (code, letter, age, unit["id"])


def test_communes_have_french_codes():
    for row in table("communes"):
        assert re.fullmatch(r"(\d{2}|2[AB])\d{3}", row["code_insee"])
        assert row["code_insee"].startswith(row["departement"])
        assert all(re.fullmatch(r"\d{5}", code) for code in row["codes_postaux"].split())
