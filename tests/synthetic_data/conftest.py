"""What the tests of the generator share: a hospital of a thousand, three blocks of facts, steady examples."""

import pytest
from hospital_reading import Hospital
from hypothesis import settings

from synthetic_data import HospitalPlan, generate
from synthetic_data.facts.block import Block

# The same examples each time, in any place: a test must not fail by luck.
settings.register_profile("steady", derandomize=True, deadline=None, database=None)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def hospital() -> Hospital:
    plan = HospitalPlan()
    return Hospital(plan, list(generate(plan)))


@pytest.fixture(scope="session")
def blocks() -> list[Block]:
    """Two full blocks and a short one."""
    return [Block(HospitalPlan(seed=31, patients=4500), number) for number in range(3)]
