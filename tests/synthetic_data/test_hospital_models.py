"""Independent validators accept the resources."""

import importlib

import pytest
from hospital_reading import PREFIXES

from lab.validation.fast import defects


@pytest.mark.parametrize("kind", PREFIXES)
def test_the_first_fifty_of_each_type_are_accepted_by_the_r4b_models(hospital, kind):
    model = getattr(importlib.import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
    sample = hospital.of_type(kind)[:50]
    assert sample
    for one in sample:
        assert model.model_validate(one).id == one["id"]


def test_the_r4_schema_finds_no_defect_in_the_whole_hospital(hospital):
    found = [(one["id"], defect) for one in hospital.resources for defect in defects(one)]
    assert not found
