"""A token server on a port of the system, its journal at hand."""

import pytest
from assertion_bench import registry
from token_bench import serving


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("tokens"), registry()) as running:
        yield running
