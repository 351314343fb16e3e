"""A token server on a port of the system, its journal at hand."""

import threading

import pytest
from assertion_bench import registry
from key_publisher import Publisher
from token_bench import serving


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("tokens"), registry()) as running:
        yield running


@pytest.fixture
def publisher(request):
    """A server of key sets; a parameter of the fixture changes it before it serves."""
    publisher = Publisher()
    if hasattr(request, "param"):
        request.param(publisher, request.getfixturevalue("tmp_path"))
    thread = threading.Thread(target=publisher.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield publisher
    publisher.slow.set()
    publisher.server.shutdown()
    publisher.server.server_close()
    thread.join()
