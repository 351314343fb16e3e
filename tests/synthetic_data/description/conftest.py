"""A hospital of 600 patients, its resources read the slow way, and its portrait."""

from pathlib import Path

import pytest
from folder_editing import resources_by_type

from synthetic_data.description.describing import describe_folder
from synthetic_data.folder.generate import generate_folder
from synthetic_data.plan import END_OF_2023, HospitalPlan

PATIENTS = 600


@pytest.fixture(scope="session")
def hospital_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("described") / "hospital"
    generate_folder(HospitalPlan(2023, PATIENTS, END_OF_2023, recent=0.0), folder)
    return folder


@pytest.fixture(scope="session")
def resources(hospital_folder):
    return resources_by_type(hospital_folder)


@pytest.fixture(scope="session")
def portrait(hospital_folder):
    return describe_folder(hospital_folder)
