"""The embedded server with a synthetic hospital in it, in a process of its own, for strangers to use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from stranger_case import Resource
from stranger_installs import jars, node_folder, python_environment

from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.cluster import cluster
from synthetic_data import HospitalPlan, generate


@pytest.fixture(scope="session")
def hospital() -> list[Resource]:
    """What is loaded: 50 patients."""
    return list(generate(HospitalPlan(patients=50)))


@pytest.fixture(scope="module")
def base_url(hospital: list[Resource], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that the tests of one file share."""
    store = tmp_path_factory.mktemp("strangers") / "hospital.db"
    backend = EmbeddedBackend(store, page_key=b"p" * 32)
    assert backend.load(hospital) == len(hospital)
    backend.close()
    with cluster(store) as running:
        yield running.base_url
        assert running.alive


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with fhirclient and fhirpy."""
    folder = tmp_path_factory.mktemp("python") / "venv"
    return python_environment(folder, "STRANGERS_PYTHON", "fhirclient==4.4.0", "fhirpy==2.3.1")


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with fhir-kit-client."""
    return node_folder(tmp_path_factory.mktemp("node") / "folder", "STRANGERS_NODE", "fhir-kit-client@2.0.3")


@pytest.fixture(scope="session")
def hapi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The jars of the HAPI client."""
    return jars(tmp_path_factory.mktemp("hapi") / "folder", "STRANGERS_HAPI")


@pytest.fixture(scope="session")
def sekmet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with sekmet-fhir."""
    folder = tmp_path_factory.mktemp("sekmet") / "venv"
    return python_environment(folder, "STRANGERS_SEKMET", "sekmet-fhir==0.1.1")
