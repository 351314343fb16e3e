"""Two hospitals that differ in what a view does not show answer alike: values, existence, totals, pages."""

from collections.abc import Iterator
from itertools import islice

import pytest
from proxied_hospital import VIEWS, Client
from random_requests import requests
from worlds import VIEWS_OF_BOTH, other_hospital, timeless

from lab.backends.external.address import address
from lab.backends.external.backend import ExternalBackend
from lab.fhir.view import EVERYTHING
from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.cluster import cluster

REQUESTS = 100


@pytest.fixture(scope="module")
def twin(tmp_path_factory, runner) -> Iterator[Client]:
    """The other hospital behind a proxy with the same secret."""
    path = tmp_path_factory.mktemp("twin") / "hospital.db"
    backend = EmbeddedBackend(path, page_key=b"p" * 32)
    backend.load(other_hospital())
    backend.close()
    with cluster(path) as running:
        external = ExternalBackend(address(running.base_url), page_key=b"q" * 32)
        yield Client(external, EVERYTHING, runner)
        runner.run(external.close())


@pytest.mark.parametrize("name", VIEWS_OF_BOTH)
def test_what_is_hidden_changes_no_answer(proxied, twin, name):
    assert proxied.get("Patient/p9").status != twin.get("Patient/p9").status
    one, other = proxied.seen_through(VIEWS[name]), twin.seen_through(VIEWS[name])
    for url in islice(requests(VIEWS[name], f"{name}/3"), REQUESTS):
        answers = [[timeless(page) for page in client.pages(url)] for client in (one, other)]
        assert answers[0] == answers[1], url
        assert answers[0][0][0] in {200, 404}, url
