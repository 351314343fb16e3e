"""One cohort of head injuries and what is made of it, shared by the tests."""

import pytest
from head_injury import write_cohort

from synthetic_data.augmentation.candidates import candidates_of
from synthetic_data.augmentation.measured import measured
from synthetic_data.augmentation.measures.encoding import encoding_of
from synthetic_data.augmentation.measures.usefulness import target_of
from synthetic_data.augmentation.reading.cohort import read_cohort

SEED = 7


@pytest.fixture(scope="session")
def cohort_folder(tmp_path_factory):
    return write_cohort(tmp_path_factory.mktemp("cohort"))


@pytest.fixture(scope="session")
def patients(cohort_folder):
    return read_cohort(cohort_folder).table


@pytest.fixture(scope="session")
def encoding(patients):
    return encoding_of(patients)


@pytest.fixture(scope="session")
def candidates(patients, encoding):
    return candidates_of(patients, encoding, 3000, SEED)


@pytest.fixture(scope="session")
def measure(patients, encoding):
    """Measure candidates as the command does."""
    target = target_of(patients, None, encoding)
    return lambda candidates: measured(candidates, encoding, target, SEED)
