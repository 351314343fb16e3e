"""The bulk exports of a client, read out of its traffic: each job with what was asked about it.

Spec: https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.api import Exchange, Expect, Truth
from lab.checks.statement import objects
from lab.checks.traffic import answer, fhir_requests

_ACCEPTED, _OK = 202, 200


@dataclass(frozen=True)
class Job:
    """One export: its kick-off, the requests to its status, those to its files, and how it was deleted."""

    kick_off: Exchange
    status: tuple[Exchange, ...]
    files: tuple[Exchange, ...]
    deletions: tuple[Exchange, ...]

    @property
    def done(self) -> Exchange | None:
        """Return the answer that said that the export is done."""
        return next((e for e in self.status if e.status == _OK), None)

    def announced(self, *kinds: str) -> dict[str, bool]:
        """Return the addresses of the files of the manifest, and whether they need a token."""
        manifest = answer(self.done) if self.done else {}
        needs = manifest.get("requiresAccessToken") is not False
        return {str(file.get("url")): needs for kind in kinds for file in objects(manifest.get(kind))}


def kick_offs(journal: Sequence[Exchange], truth: Truth, expect: Expect) -> list[Exchange]:
    """Return the requests that start an export; omits the check when there is none."""
    requests = fhir_requests(journal, truth, expect)
    found = [e for e in requests if e.url.partition("?")[0].endswith("/$export")]
    if not found:
        expect.omit(
            f"L'application n'exporte pas : {len(requests)} demandes observées, aucune à $export.",
            f"The application does not export: {len(requests)} requests were seen, none to $export.",
        )
    return found


def jobs(journal: Sequence[Exchange], truth: Truth, expect: Expect) -> list[Job]:
    """Return the exports that began; omits the check when none was asked for, skips when none began."""
    started = [e for e in kick_offs(journal, truth, expect) if e.status == _ACCEPTED]
    if not started:
        expect.skip("Aucun export n'a pu démarrer.", "No export could start.")
    return [_job(e, journal) for e in started]


def _job(kick_off: Exchange, journal: Sequence[Exchange]) -> Job:
    address = kick_off.header("content-location") or "?"
    about = [e for e in journal if e.url.partition("?")[0] == address]
    status = tuple(e for e in about if e.method == "GET")
    bare = Job(kick_off, status, (), tuple(e for e in about if e.method == "DELETE"))
    urls = bare.announced("output", "deleted", "error")
    return Job(kick_off, status, tuple(e for e in journal if e.url in urls), bare.deletions)
