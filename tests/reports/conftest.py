"""The sample run documents, rendered once for all the tests that only read them."""

from typing import Any

import pytest
from sample_run import full_run, hostile_run, sound_run

from reports import render_html


@pytest.fixture(scope="session")
def run() -> dict[str, Any]:
    return full_run()


@pytest.fixture(scope="session")
def html(run: dict[str, Any]) -> str:
    return render_html(run)


@pytest.fixture(scope="session")
def sound_html() -> str:
    return render_html(sound_run())


@pytest.fixture(scope="session")
def hostile_html() -> str:
    return render_html(hostile_run())
