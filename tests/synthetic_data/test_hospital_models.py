"""Independent validators accept the resources."""

import importlib

from lab.validation.fast import defects


def test_the_first_thirty_of_each_type_are_accepted_by_the_r4b_models(hospital):
    assert len(hospital.types) >= 10
    for kind in hospital.types:
        model = getattr(importlib.import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
        for one in hospital.of_type(kind)[:30]:
            assert model.model_validate(one).id == one["id"]


def test_the_r4_schema_finds_no_defect_in_a_tenth_of_the_hospital_and_all_its_rare_types(hospital):
    """The whole is the business of `lab data verify`; here no type, nor any corner of one, is left out."""
    looked_at = [
        one
        for kind in hospital.types
        for one in hospital.of_type(kind)[:: max(1, len(hospital.of_type(kind)) // 300)]
    ]
    assert len(looked_at) > 2000
    found = [(one["id"], defect) for one in looked_at for defect in defects(one)]
    assert not found
