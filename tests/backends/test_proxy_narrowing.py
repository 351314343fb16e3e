"""How searches are narrowed: slices of large cohorts, orders over several queries, links of both sides."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lying_server import Liar, bundle, json, lying
from proxied_hospital import Client, confined, group, member, observation

from lab.backends.external.address import AddressError, address
from lab.backends.external.backend import ExternalBackend
from lab.backends.external.narrowing import MAX_IDS
from lab.fhir.cohort import of_pool
from lab.fhir.element_path import ElementPath
from lab.fhir.view import EVERYTHING, View
from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.cluster import cluster

MANY = [f"m{n:04}" for n in range(MAX_IDS * 2 + 50)]
LARGE = confined(of_pool("Group/large"))


def patient(id_: str, **more):
    return {"resourceType": "Patient", "id": id_, "gender": "male", **more}


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    """A hospital with a cohort that three queries are needed for, and somebody outside."""
    path = tmp_path_factory.mktemp("large") / "hospital.db"
    backend = EmbeddedBackend(path, page_key=b"p" * 32)
    backend.load([group("large", *map(member, MANY)), *map(patient, [*MANY, "out"])])
    ends = (MANY[0], MANY[-1])
    backend.load([observation(f"o-{id_}", id_) for id_ in [*MANY[::50], "out"]])
    backend.load([observation("spans", ends[0], performer=[{"reference": f"Patient/{ends[1]}"}])])
    backend.close()
    return path


@pytest.fixture(scope="module")
def inside(store, runner) -> Iterator[Client]:
    backend = EmbeddedBackend(store, page_key=b"p" * 32)
    yield Client(backend, LARGE, runner)
    backend.close()


@pytest.fixture(scope="module")
def large(store, runner) -> Iterator[Client]:
    with cluster(store) as running:
        backend = ExternalBackend(address(running.base_url), page_key=b"q" * 32)
        yield Client(backend, LARGE, runner)
        runner.run(backend.close())


def test_a_large_cohort_is_asked_for_in_slices_and_paged_over_all_of_them(large):
    pages = large.pages("Patient?_count=90&_total=accurate")
    assert [id_ for page in pages for id_ in page.ids()] == MANY
    assert {len(page.ids()) for page in pages[:-1]} == {90}
    assert pages[0].json["total"] == len(MANY)
    assert large.get("Patient?_summary=count").json["total"] == len(MANY)


def test_a_resource_of_two_slices_is_given_once(large, inside):
    ids = [id_ for page in large.pages("Observation?_count=3") for id_ in page.ids()]
    assert len(ids) == len(set(ids))
    assert sorted(ids) == sorted(inside.get("Observation?_count=1000").ids())
    assert "spans" in ids
    assert "o-out" not in ids


def test_an_order_over_several_queries_is_had_or_refused(large, inside):
    assert (
        large.get("Observation?_sort=-_id&_count=5").ids()
        == inside.get("Observation?_sort=-_id&_count=5").ids()
    )
    refused = large.get("Patient?_sort=gender")
    assert (refused.status, refused.json["issue"][0]["code"]) == (400, "too-costly")
    assert large.get(f"Patient?_sort=-_id&_id={MANY[3]},{MANY[400]},out").ids() == [MANY[400], MANY[3]]


def test_links_outlast_what_is_remembered_beside_them(store, runner):
    """Another worker, or the same after a restart, finds the place again from what the client has seen."""
    with cluster(store) as running:
        workers = [ExternalBackend(address(running.base_url), page_key=b"q" * 32) for _ in range(2)]
        clients = [Client(worker, LARGE, runner) for worker in workers]
        for url in ("Patient?_count=200", "Observation?_count=4&_sort=_id", "Observation?_count=4"):
            expected = [page.response for page in clients[0].pages(url)]
            answers, following = [], url
            while following:
                answers.append(clients[len(answers) % 2].get(following))
                following = answers[-1].link("next")
            assert [answer.response for answer in answers] == expected
        for worker in workers:
            runner.run(worker.close())


@pytest.fixture
def liar() -> Iterator[Liar]:
    with lying() as running:
        yield running


def test_a_masked_client_gets_no_order_that_the_server_behind_has_chosen(liar, runner):
    backend = ExternalBackend(address(liar.base), page_key=b"k" * 16)
    masked = View(
        EVERYTHING.cohorts, "masked", unrestricted=True, masks=(ElementPath("Patient", ("birthDate",)),)
    )
    answers = []
    for order in (("b", "a", "c"), ("c", "a", "b")):
        liar.answers["POST /Patient/_search"] = json(bundle(*map(patient, order)))
        answers.append([page.response for page in Client(backend, masked, runner).pages("Patient?_count=2")])
    assert answers[0] == answers[1]
    runner.run(backend.close())


def test_only_this_machine_or_a_named_host_is_spoken_to():
    for base in ("http://127.0.0.1:8080/fhir", "http://localhost/fhir/", "http://[::1]:8080/fhir"):
        assert address(base).base == base.rstrip("/")
    assert address("https://fhir.hospital.test/r4", hosts={"fhir.hospital.test"}).base.endswith("/r4")
    for base in (
        "http://fhir.hospital.test/r4",
        "http://127.0.0.1.hospital.test/fhir",
        "http://127.0.0.1@hospital.test/fhir",
        "http://user:password@127.0.0.1/fhir",
        "http://127.0.0.1/fhir?x=1",
        "ftp://127.0.0.1/fhir",
        "http://127.0.0.1:99999/fhir",
        "127.0.0.1",
        "",
    ):
        with pytest.raises(AddressError):
            address(base)


@pytest.mark.parametrize(
    "header", ["Authorization", "Host: x", "A B: c", "X: a\r\nY: b", ": x", "Content-Length: 1"]
)
def test_a_header_that_is_none_is_refused_without_repeating_it(header):
    with pytest.raises(AddressError) as raised:
        address("http://127.0.0.1/fhir", [header])
    assert header.partition(":")[2] not in str(raised.value) or not header.partition(":")[2].strip()


@pytest.mark.parametrize(
    ("url", "inside_"),
    [
        ("http://127.0.0.1:1/fhir?_getpages=1", "?_getpages=1"),
        ("http://127.0.0.1:1/fhir/Patient?page=2", "/Patient?page=2"),
        ("http://fhir.test/r4/Patient?page=2", "/Patient?page=2"),
        ("http://127.0.0.1:1/fhirs/Patient", None),
        ("http://127.0.0.1:1/fhir", None),
        ("http://127.0.0.1:1/fhir/../admin", None),
        ("http://127.0.0.1:1/fhir/%2e%2e/admin", None),
        ("http://127.0.0.1:1/fhir//elsewhere", None),
        ("http://127.0.0.1:1/fhir/Patient#x", None),
        ("http://127.0.0.1:1/fhir/Patient\r\nX: y", None),
        ("https://127.0.0.1:1/fhir/Patient", None),
        ("//127.0.0.1:1/fhir/Patient", None),
    ],
)
def test_a_link_is_followed_below_the_base_and_nowhere_else(url, inside_):
    assert address("http://127.0.0.1:1/fhir", also=["http://fhir.test/r4"]).inside(url) == inside_


def test_the_headers_of_the_operator_are_sent_and_those_of_the_client_are_not(liar, runner):
    backend = ExternalBackend(address(liar.base, ["Authorization: Bearer sesame"]), page_key=b"k" * 16)
    liar.answers["GET /Patient/p0"] = json(patient("p0"))
    asked = Client(backend, EVERYTHING, runner).get(
        "Patient/p0", authorization="Bearer of-client", cookie="x"
    )
    assert asked.status == 200
    (sent,) = liar.headers
    assert sent["authorization"] == "Bearer sesame"
    assert "cookie" not in sent
    runner.run(backend.close())
