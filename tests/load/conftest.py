"""What the tests of the load's client share."""

import pytest

from lab.load.wire import Wire


@pytest.fixture
def one():
    """One pool of connections."""
    wire = Wire(timeout_s=5.0, body_cap=1000)
    yield wire
    wire.close()
