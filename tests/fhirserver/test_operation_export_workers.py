"""Several servers of one store share its exports: any tells, gives and deletes; bounds are for all."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from exporting import RESPOND_ASYNC, ended, lines, started
from server_hospital import COHORT, Hospital, group, hospital, member

from lab.fhir.view import View
from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.operations.export_home import home, homes, leave
from lab.fhirserver.operations.export_job import Job, State
from lab.fhirserver.operations.export_jobs import Limits

OTHER = View(COHORT.cohorts, binding="client-b/1")
UNKNOWN_JOB = f"/$export-status/{'0' * 32}"


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Hospital, Hospital]]:
    """Two servers of one store."""
    first = EmbeddedBackend(tmp_path / "h.db", page_key=b"p" * 32)
    first.load(hospital())
    second = EmbeddedBackend(tmp_path / "h.db", page_key=b"p" * 32)
    yield Hospital(first), Hospital(second)
    second.close()
    first.close()
    assert not (tmp_path / "h.db-exports").exists()


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Set how long an export rests after each page."""
    return lambda seconds: monkeypatch.setattr("lab.fhirserver.operations.export_run._PAUSE_S", seconds)


def limit(*servers: Hospital, **limits: float) -> None:
    for server in servers:
        server.backend._server.exports._limits = Limits(**limits)  # noqa: SLF001 - to wait for none of them


def jobs(tmp_path: Path) -> list[Path]:
    """Return the folders of the jobs."""
    return sorted((tmp_path / "h.db-exports").glob("*/*"))


def job_of(server: Hospital, status_url: str) -> Job:
    """Return a job as a server knows it."""
    job = server.backend._server.exports.job(status_url.rpartition("/")[2])  # noqa: SLF001 - unthrottled
    assert job is not None
    return job


def test_another_server_tells_gives_and_deletes(pair: tuple[Hospital, Hospital], tmp_path: Path) -> None:
    first, second = pair
    status_url = started(first, "/$export")
    told = ended(second, status_url)
    assert told.status == 200
    assert told.json == first.get(status_url).json
    assert told.headers["expires"] == first.get(status_url).headers["expires"]
    for item in told.json["output"]:
        assert lines(second, item) == lines(first, item)
    assert second.ask("DELETE", status_url).status == 202
    unknown = first.get(UNKNOWN_JOB)
    for server in pair:
        for url in (status_url, told.json["output"][0]["url"]):
            answer = server.get(url)
            assert (answer.status, answer.body) == (404, unknown.body)
    assert jobs(tmp_path) == []


def test_the_owner_is_the_same_at_another_server(pair: tuple[Hospital, Hospital]) -> None:
    first, second = pair
    denying = View(
        {**COHORT.cohorts, "Patient": COHORT.cohorts["Patient"].but(["tag/urn:s|VIP"])}, binding="client-a/1"
    )
    for view in (COHORT, denying):
        status_url = started(first.seen_through(view), "/$export?_type=Patient")
        told = ended(second.seen_through(view), status_url)
        assert told.status == 200
        file_url = told.json["output"][0]["url"]
        for stranger in (OTHER, denying if view == COHORT else COHORT):
            for method, url in (("GET", status_url), ("DELETE", status_url), ("GET", file_url)):
                assert second.seen_through(stranger).ask(method, url).status == 404
        assert second.seen_through(view).get(file_url).status == 200
    second.ask("PUT", "/Group/oncology", group("oncology", member("in1")))
    assert second.seen_through(denying).get(file_url).status == 404


def test_a_job_tells_others_how_far_it_is(
    pair: tuple[Hospital, Hospital], slowly: Callable[[float], None]
) -> None:
    first, second = pair
    slowly(0.25)
    status_url = started(first, "/$export")
    assert second.get(status_url).status == 202
    seen, deadline = set(), time.monotonic() + 20
    while (job := job_of(second, status_url)).state is State.RUNNING and time.monotonic() < deadline:
        seen.add((job.parts_done, len(job.files)))
        time.sleep(0.01)
    assert len(seen) > 1
    assert job.parts_done == job.parts > max(done for done, _ in seen)


def test_a_job_deleted_at_another_server_stops_and_leaves_nothing(
    pair: tuple[Hospital, Hospital], tmp_path: Path, slowly: Callable[[float], None], caplog
) -> None:
    first, second = pair
    slowly(0.05)
    for _ in range(10):
        status_url = started(first, "/$export")
        assert second.ask("DELETE", status_url).status == 202
        assert first.get(status_url).status == 404
    slowly(0.0)
    status_url = started(first, "/$export?_type=Group")
    assert ended(first, status_url).status == 200  # the ten before it have ended
    (kept,) = jobs(tmp_path)
    assert {path.name for path in kept.iterdir()} == {"0.ndjson", "job.json", "owner.json"}
    assert caplog.text == ""


def test_running_jobs_are_counted_everywhere(
    pair: tuple[Hospital, Hospital], slowly: Callable[[float], None]
) -> None:
    first, second = pair
    slowly(0.3)
    limit(*pair, running=2, running_by_client=1)
    confined = [server.seen_through(COHORT) for server in pair]
    status_url = started(confined[0], "/$export")
    for server in confined:
        assert server.get("/$export", **RESPOND_ASYNC).status == 429
    other = started(second.seen_through(OTHER), "/$export")
    assert first.get("/$export", **RESPOND_ASYNC).status == 429
    assert confined[1].ask("DELETE", status_url).status == 202
    assert started(confined[1], "/$export?_type=Group")
    assert first.seen_through(OTHER).ask("DELETE", other).status == 202


def test_a_race_for_the_last_place_is_won_by_one_at_most(
    pair: tuple[Hospital, Hospital], tmp_path: Path, slowly: Callable[[float], None]
) -> None:
    """Both servers find room before either has started: who looks again after starting gives way."""
    first, second = pair
    slowly(0.3)
    limit(*pair, running=1, running_by_client=1)
    second.backend._server.exports.check_room("hospital")  # noqa: SLF001 - the place is still free
    assert started(first, "/$export")
    exports = second.backend._server.exports  # noqa: SLF001
    before = exports.check_room
    exports.check_room = lambda binding, besides="": before(binding, besides) if besides else None  # type: ignore[method-assign]
    assert second.get("/$export", **RESPOND_ASYNC).status == 429
    assert len(jobs(tmp_path)) == 1


def test_the_disk_is_bounded_for_all(pair: tuple[Hospital, Hospital]) -> None:
    first, second = pair
    status_url = started(first, "/$export")
    assert ended(first, status_url).status == 200
    size = job_of(first, status_url).size
    limit(second, size=2 * size - 1)
    refused = started(second, "/$export")
    for server in (first, second):
        answer = ended(server, refused)
        assert (answer.status, "too large" in answer.diagnostics) == (500, True)
    assert second.ask("DELETE", status_url).status == 202
    assert ended(second, started(second, "/$export")).status == 200


def test_what_is_too_old_is_forgotten_by_any(pair: tuple[Hospital, Hospital], tmp_path: Path) -> None:
    first, second = pair
    asked, unasked = started(first, "/$export"), started(first, "/$export")
    assert {ended(first, url).status for url in (asked, unasked)} == {200}
    limit(second, kept_s=-1.0)
    assert second.get(asked).status == first.get(asked).status == 404
    assert [path.name for path in jobs(tmp_path)] == [unasked.rpartition("/")[2]]
    new = started(second, "/$export")
    assert first.get(unasked).status == 404
    assert {path.name for path in jobs(tmp_path)} <= {new.rpartition("/")[2]}


def test_who_starts_and_who_leaves_deletes_nothing_of_others(
    pair: tuple[Hospital, Hospital], tmp_path: Path
) -> None:
    first, second = pair
    theirs, own = started(first, "/$export"), started(second, "/$export")
    assert {ended(first, url).status for url in (theirs, own)} == {200}
    (tmp_path / "h.db-exports" / "1-dead" / "job").mkdir(parents=True)
    third = EmbeddedBackend(tmp_path / "h.db", page_key=b"p" * 32)
    assert not (tmp_path / "h.db-exports" / "1-dead").exists()
    assert {Hospital(third).get(url).status for url in (theirs, own)} == {200}
    third.close()
    assert {second.get(url).status for url in (theirs, own)} == {200}
    first.backend._server.exports.close()  # noqa: SLF001 - its store is closed by the fixture
    assert second.get(theirs).status == 404
    assert second.get(own).status == 200


@pytest.mark.parametrize("name", ["job.json", "owner.json"])
@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff"])
def test_a_damaged_record_is_no_job(
    pair: tuple[Hospital, Hospital], tmp_path: Path, name: str, content: bytes
) -> None:
    first, second = pair
    status_url = started(first, "/$export")
    assert ended(first, status_url).status == 200
    (path,) = (tmp_path / "h.db-exports").rglob(name)
    path.write_bytes(content)
    assert second.get(status_url).status == 404
    assert ended(second, started(second, "/$export")).status == 200


@pytest.mark.parametrize("id_", ["..", ".", "%2e%2e", "0" * 31, "A" * 32, "*"])
def test_an_id_is_no_path(pair: tuple[Hospital, Hospital], id_: str) -> None:
    first, _ = pair
    assert ended(first, started(first, "/$export")).status == 200
    assert first.get(f"/$export-status/{id_}").status in {400, 404}
    assert first.backend._server.exports.job(id_) is None  # noqa: SLF001 - parsing lets few through


def test_a_server_whose_folder_was_removed_makes_another(
    pair: tuple[Hospital, Hospital], tmp_path: Path
) -> None:
    first, second = pair
    status_url = started(first, "/$export")
    assert ended(first, status_url).status == 200
    shutil.rmtree(tmp_path / "h.db-exports", ignore_errors=True)  # its server may tidy up beside
    assert {server.get(status_url).status for server in pair} == {404}
    assert ended(second, started(first, "/$export")).status == 200


def test_a_folder_is_its_process_alone_whoever_comes_and_goes(tmp_path: Path) -> None:
    root, lost = tmp_path / "exports", []

    def come_and_go() -> None:
        for _ in range(100):
            own = home(root)
            list(homes(root))
            if not own.path.exists() or own.path not in list(homes(root)):
                lost.append(own.path)
            leave(own)

    threads = [threading.Thread(target=come_and_go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert lost == []
    assert not root.exists()
