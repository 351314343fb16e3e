"""A fake hospital for each test, and one running board for those that only ask it questions."""

from collections.abc import Iterator

import pytest
from fake_hospital import FakeHospital, fake_hospital
from sample_urgences import department
from urgences_board import RunningBoard, running_board, until


@pytest.fixture
def hospital() -> Iterator[FakeHospital]:
    with fake_hospital() as running:
        running.put(*department())
        yield running


@pytest.fixture(scope="session")
def board(tmp_path_factory) -> Iterator[RunningBoard]:
    """One board for the tests that only ask it questions; nobody changes its hospital."""
    with fake_hospital() as hospital:
        hospital.put(*department())
        with running_board(hospital, tmp_path_factory.mktemp("board"), BOARD_POLL_INTERVAL_S="1") as running:
            until(lambda: running.get("/health").status_code == 200, what="the first poll")
            yield running


@pytest.fixture
def http(board):
    """Give an HTTP client of the facade with every right."""
    token = board.hospital.grant("partenaire-complet", "system/*.rs")
    with board.http(headers={"Authorization": f"Bearer {token}"}) as client:
        yield client
