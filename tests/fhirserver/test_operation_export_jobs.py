"""Jobs of bulk export: whose they are, how long they live, how much they may take."""

from urllib.parse import quote

import pytest
from exporting import RESPOND_ASYNC, ended, lines, manifest, started
from server_hospital import COHORT, EITHER, Hospital, group, member

from lab.fhir.cohort import Cohort
from lab.fhir.view import View
from lab.fhirserver.operations.export_jobs import Limits

OTHER = View(COHORT.cohorts, binding="client-b/1")
NEXT_POLICY = View(COHORT.cohorts, binding="client-a/2")


def narrowed(**cohorts: Cohort) -> View:
    return View({**COHORT.cohorts, **cohorts}, binding=COHORT.binding)


def limit(hospital: Hospital, **limits: float) -> None:
    hospital.backend._server.exports._limits = Limits(**limits)  # noqa: SLF001 - to wait for none of them


def all_of_it(hospital: Hospital) -> tuple[str, str]:
    """Return the addresses of the status and of the first file of an export."""
    status_url = started(hospital, "/$export")
    return status_url, ended(hospital, status_url).json["output"][0]["url"]


@pytest.mark.parametrize(
    "view",
    [
        OTHER,
        NEXT_POLICY,
        narrowed(Patient=EITHER),
        View({t: g for t, g in COHORT.cohorts.items() if t != "Observation"}, binding=COHORT.binding),
    ],
    ids=["another client", "another policy", "another cohort", "a type less"],
)
def test_a_job_is_its_clients_alone(confined: Hospital, view: View) -> None:
    status_url, file_url = all_of_it(confined)
    stranger = confined.seen_through(view)
    unknown = stranger.get("/$export-status/never-existed")
    assert unknown.status == 404
    for method, url in (("GET", status_url), ("DELETE", status_url), ("GET", file_url)):
        answer = stranger.ask(method, url)
        assert (answer.status, answer.headers, answer.body) == (404, unknown.headers, unknown.body)
    assert confined.get(status_url).status == confined.get(file_url).status == 200


def test_a_file_is_not_given_once_a_patient_has_left_the_cohort(
    writable: Hospital, confined: Hospital
) -> None:
    status_url, file_url = all_of_it(confined)
    for members, status in (
        ((member("in1"),), 404),
        ((member("in1"), member("in2", inactive=True)), 404),
        ((member("in1"), member("in2"), member("out1")), 200),
    ):
        assert writable.ask("PUT", "/Group/oncology", group("oncology", *members)).status == 200
        assert {confined.get(url).status for url in (status_url, file_url)} == {status}


def test_a_deleted_job_is_unknown(everything: Hospital) -> None:
    status_url, file_url = all_of_it(everything)
    assert everything.ask("DELETE", status_url).status == 202
    assert {everything.get(url).status for url in (status_url, file_url)} == {404}
    assert everything.ask("DELETE", status_url).status == 404


def test_a_job_may_be_deleted_while_it_runs(writable: Hospital) -> None:
    for _ in range(20):
        status_url = started(writable, "/$export")
        assert writable.ask("DELETE", status_url).status == 202
    assert len(manifest(writable, "/$export")["output"]) == 6


def test_a_client_has_few_jobs_at_a_time_and_others_have_theirs(
    writable: Hospital, confined: Hospital
) -> None:
    limit(writable, running_by_client=0)
    answer = writable.get("/$export", **RESPOND_ASYNC)
    assert (answer.status, answer.headers["retry-after"]) == (429, "10")
    limit(writable, running_by_client=1, running=1)
    assert ended(confined, started(confined, "/$export")).status == 200


def test_a_status_asked_too_often_is_refused_and_the_job_goes_on(writable: Hospital, monkeypatch) -> None:
    monkeypatch.setattr("lab.fhirserver.operations.export_run._PAUSE_S", 0.1)
    status_url = started(writable, "/$export")
    first, second = (writable.get(status_url) for _ in range(2))
    assert (first.status, second.status) == (202, 429)
    assert second.json["issue"][0]["code"] == "throttled"
    assert ended(writable, status_url).status == 200


def test_the_disk_is_bounded_and_a_failure_is_told(writable: Hospital) -> None:
    limit(writable, size=2000)
    status_url = started(writable, "/$export")
    answer = ended(writable, status_url)
    assert (answer.status, answer.json["resourceType"]) == (500, "OperationOutcome")
    assert "too large" in answer.diagnostics
    limit(writable)
    assert len(manifest(writable, "/$export")["output"]) == 6


def test_an_export_that_fails_says_so_and_the_next_one_runs(writable: Hospital, monkeypatch, caplog) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("lab.fhirserver.operations.export_run.bodies", lambda *_: 1 / 0)
        answer = ended(writable, started(writable, "/$export"))
    assert (answer.status, answer.diagnostics) == (500, "The export failed.")
    assert "ZeroDivisionError" in caplog.text
    assert len(manifest(writable, "/$export")["output"]) == 6


def test_a_finished_job_is_forgotten_in_time(writable: Hospital) -> None:
    status_url, file_url = all_of_it(writable)
    assert writable.get(status_url).headers["expires"].endswith("GMT")
    limit(writable, kept_s=-1.0)
    assert {writable.get(url).status for url in (status_url, file_url)} == {404}


def test_a_file_that_is_being_sent_is_sent_to_its_end(writable: Hospital) -> None:
    status_url, file_url = all_of_it(writable)
    chunks = iter(writable.get(file_url).response.chunks or ())
    first = next(chunks)
    assert writable.ask("DELETE", status_url).status == 202
    assert b"".join((first, *chunks)).count(b"\n") == 5


@pytest.mark.parametrize("n", ["99", "-1", "0x", "00"])
def test_a_file_has_one_address(everything: Hospital, n: str) -> None:
    _, file_url = all_of_it(everything)
    assert everything.get(f"{file_url.rpartition('/')[0]}/{n}").status == 404
    assert everything.get(file_url, accept="text/csv").status == 406
    assert everything.ask("HEAD", file_url).status == 200


def test_lines_are_the_bytes_of_the_store(everything: Hospital) -> None:
    (item,) = manifest(everything, "/Patient/$export?_type=Patient")["output"]
    assert everything.get("/Patient/in1").body in lines(everything, item)


def test_a_filter_that_costs_too_much_is_the_fault_of_who_asked(writable: Hospital, monkeypatch) -> None:
    monkeypatch.setattr("lab.fhirserver.search.plan._MOST_ARGUMENTS", 0)
    answer = ended(writable, started(writable, f"/$export?_typeFilter={quote('Patient?family=x')}"))
    assert (answer.status, answer.json["issue"][0]["code"]) == (400, "too-costly")
    assert "too many values" in answer.diagnostics
