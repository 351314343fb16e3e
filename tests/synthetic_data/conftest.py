"""The default hospital, generated once for all the tests."""

import pytest
from hospital_reading import Hospital

from synthetic_data import HospitalPlan, generate


@pytest.fixture(scope="session")
def hospital() -> Hospital:
    plan = HospitalPlan()
    return Hospital(plan, list(generate(plan)))
