"""Before a server that nobody here wrote: nothing of outside patients shows, and what is its own is named.

``SEKMET_PYTHON`` is the Python of an environment with sekmet-fhir 0.1.1; without it these tests are skipped.
"""

import os
from collections.abc import Iterator
from itertools import islice

import pytest
from proxied_hospital import VIEWS, Answer, Client, hospital, observation, ref
from random_requests import requests
from sekmet import sekmet
from worlds import VIEWS_OF_BOTH, other_hospital, timeless

from lab.backends.external.address import address
from lab.backends.external.backend import ExternalBackend
from lab.fhir.view import EVERYTHING

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("SEKMET_PYTHON" not in os.environ, reason="SEKMET_PYTHON is not set"),
]
REQUESTS = 60
# Its own: it has no search by List.source and no composites, and says so. A List may be about a patient by
# its source, so that none is searched; the proxy does not answer less than was asked.
ITS_OWN = ("List?", "code-value-quantity")
# Its own: it compares the number and the unit of a quantity, and finds one that has no code for the unit.
FOUND_BY_ITSELF = "value-quantity=lt12"


@pytest.fixture(scope="module")
def world(tmp_path_factory, runner) -> Iterator[Client]:
    with sekmet(tmp_path_factory.mktemp("one"), hospital()) as base:
        backend = ExternalBackend(address(base), page_key=b"q" * 32, pools_last_s=0)
        yield Client(backend, EVERYTHING, runner)
        runner.run(backend.close())


@pytest.fixture(scope="module")
def twin(tmp_path_factory, runner) -> Iterator[Client]:
    with sekmet(tmp_path_factory.mktemp("other"), other_hospital()) as base:
        backend = ExternalBackend(address(base), page_key=b"q" * 32, pools_last_s=0)
        yield Client(backend, EVERYTHING, runner)
        runner.run(backend.close())


@pytest.mark.parametrize("name", VIEWS_OF_BOTH)
def test_two_worlds_that_differ_outside_the_cohort_answer_alike(world, twin, name):
    assert world.get("Patient/p9").status != twin.get("Patient/p9").status
    one, other = world.seen_through(VIEWS[name]), twin.seen_through(VIEWS[name])
    for url in islice(requests(VIEWS[name], f"{name}/1"), REQUESTS):
        pairs = list(zip(one.pages(url), other.pages(url), strict=True))
        assert [timeless(a) for a, _ in pairs] == [timeless(b) for _, b in pairs], url


@pytest.mark.parametrize("name", VIEWS)
def test_it_answers_what_the_embedded_server_answers_or_says_that_it_does_not(world, inside, name):
    one, other = world.seen_through(VIEWS[name]), inside.seen_through(VIEWS[name])
    answered = 0
    for url in islice(requests(VIEWS[name], f"{name}/2"), REQUESTS):
        given, expected = one.pages(url), other.pages(url)
        if given[0].status in {400, 403} and expected[0].status == 200:
            refused = name == "all-but-vip" and given[0].status == 403
            assert refused or (given[0].status == 400 and any(own in url for own in ITS_OWN)), url
            continue
        assert given[0].status == expected[0].status, url
        if given[0].status == 200 and "?" in url and FOUND_BY_ITSELF not in url:
            assert found(given) == found(expected), url
            assert given[0].json.get("total") == expected[0].json.get("total"), url
        answered += 1
    assert answered >= REQUESTS * 0.4


def found(pages: list[Answer]):
    """Return what a search found; the order of equal dates is each server's own."""
    return sorted(id_ for page in pages for id_ in page.ids())


def test_its_known_leaks_are_closed(world):
    """Without the gateway it gives Observations to who may see Patients only: by three ways."""
    confined = world.seen_through(VIEWS["patients-only"])
    assert [e["resource"]["id"] for e in confined.get("Patient/p0/$everything").json["entry"]] == ["p0"]
    plain = confined.get("Patient?_id=p0").json["entry"]
    assert confined.get("Patient?_id=p0&_revinclude=Observation:patient").json["entry"] == plain
    assert confined.get("Patient?_has:Observation:patient:code=718-7").json.get("entry") is None


def test_confined_writes_are_checked_before_and_after(world):
    confined = world.seen_through(VIEWS["group"])
    made = confined.ask("POST", "Observation", observation("x", "p4", "1-1"))
    assert made.status == 201
    path = f"Observation/{made.json['id']}"
    assert confined.ask("PUT", path, {**made.json, "status": "amended"}).status == 200
    assert confined.ask("PUT", path, made.json, if_match=made.headers["etag"]).status == 412
    assert confined.ask("PUT", path, {**made.json, "subject": ref("Patient", "p9")}).status == 403
    assert confined.ask("POST", "Observation", observation("x", "p9")).status == 403
    assert confined.ask("PUT", "Observation/o-p9-0", observation("o-p9-0", "p4")).status == 404
    assert confined.ask("DELETE", "Observation/o-p9-0").status == 204
    assert world.get("Observation/o-p9-0").status == 200
    assert confined.ask("DELETE", path).status == 204
    assert confined.get(path).status == 404
