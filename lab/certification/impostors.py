"""Start the application in front of impostors of the hospital for a few seconds, and record what it does.

An application is told the address of the hospital when it starts: each impostor takes a start of its own.
They are met while the application itself is watched: it is time spent waiting for what may not come.
Source: five-levels reference, K-01 and K-10.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lab.certification.application import UnreachableError, started
from lab.certification.bad_certificate import FLAWS, bad_certificate
from lab.certification.folder import RunFolder
from lab.certification.hostile_tls import Visit as Handshake
from lab.certification.hostile_tls import hostile_tls
from lab.certification.instance import Surroundings, values_of
from lab.certification.planting import write_fixture
from lab.certification.refusing_hospital import ERROR, refusing_hospital
from lab.certification.rogue_configuration import Visit as Errand
from lab.certification.rogue_configuration import rogue_configuration
from lab.journal.journal import Journal
from lab.journal.redact import Redactor
from lab.model.target import Start, SystemUnderTest

PROBES = frozenset({"K-01", "K-10"})
REFUSED = frozenset({"CLI-AUT-08", "CLI-DIS-01"})
MEETINGS = PROBES | REFUSED
"""The checks that need an application to meet one of the impostors."""

_REFUSED_S = 10.0
_MOST_TRIES = 4
_FIRST_S = 15.0
_MORE_S = 1.5
_POLL_S = 0.1
_AUTHORITIES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE")
"""Where runtimes look for authorities: with ours trusted, only the name is left to refuse."""


@dataclass(frozen=True)
class Encounters:
    """Where what happens is written; ``begun`` is the start of the run on the monotonic clock.

    ``over`` is set when the run ends early: nobody is waited for any more.
    """

    journal: Journal
    redactor: Redactor
    begun: float
    over: threading.Event

    def record(self, **parts: Any) -> None:
        """Append an exchange of the application."""
        at = round(time.monotonic() - self.begun, 4)
        self.journal.record(t=at, actor="application", client="", **parts)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait for an event as long as the run goes on; tell whether it came."""
        deadline = time.monotonic() + seconds
        while not event.wait(_POLL_S) and not self.over.is_set() and time.monotonic() < deadline:
            pass
        return event.is_set()


def meeting_impostors(
    stack: ExitStack,
    subject: SystemUnderTest,
    around: Surroundings,
    private: Path,
    folder: RunFolder,
    redaction_key: str,
    checks: Iterable[str],
) -> "Future[None] | None":
    """Start the application once for each impostor that the checks need; a journal gets what it does.

    ``subject`` still has its placeholders. One that the laboratory does not start meets none. What is
    returned is done once they were all met; when the stack is unwound before, the meetings end.
    """
    wanted = frozenset(checks) & MEETINGS
    if not wanted or subject.start is None or subject.client is None or around.hospital is None:
        return None
    journal = Journal(folder.impostors_journal, "I")
    over = threading.Event()
    stack.callback(journal.close)
    beside = stack.enter_context(ThreadPoolExecutor(1))
    stack.callback(over.set)
    redactor = Redactor(bytes.fromhex(redaction_key))
    encounters = Encounters(journal, redactor, around.hospital.started, over)
    return beside.submit(_meet_all, subject, subject.start, around, private, encounters, folder, wanted)


def _meet_all(
    subject: SystemUnderTest,
    start: Start,
    around: Surroundings,
    private: Path,
    encounters: Encounters,
    folder: RunFolder,
    wanted: frozenset[str],
) -> None:
    if PROBES & wanted:
        _meet(subject, start, around, private, encounters, folder.log("application-deceived"))
    if REFUSED & wanted:
        log = folder.log("application-refused")
        _be_refused(subject, start, around, private / "refused", encounters, log)


def _meet(
    subject: SystemUnderTest,
    start: Start,
    around: Surroundings,
    folder: Path,
    encounters: Encounters,
    log: Path,
) -> None:
    for flaw in FLAWS:
        place = folder / flaw
        place.mkdir(parents=True)
        certificate = bad_certificate(flaw, place)
        trusted = {name: str(certificate.authority) for name in _AUTHORITIES if certificate.authority}
        trusting = replace(start, environment={**start.environment, **trusted})
        with _noted(encounters, _handshake(flaw)) as (note, seen), hostile_tls(certificate, note) as origin:
            _start(trusting, _values(subject, around, place, origin), log, seen, encounters)
    place = folder / "rogue-configuration"
    place.mkdir(parents=True)
    with _noted(encounters, _errand) as (tell, seen), rogue_configuration(tell) as origin:
        _start(start, _values(subject, around, place, origin), log, seen, encounters)


def _be_refused(
    subject: SystemUnderTest,
    start: Start,
    around: Surroundings,
    folder: Path,
    encounters: Encounters,
    log: Path,
) -> None:
    """Refuse the application its token for a while; note how often it asked, and if its output says so."""
    folder.mkdir(parents=True)
    tries = 0
    come, insisting = threading.Event(), threading.Event()

    def note(visit: Errand) -> None:
        nonlocal tries
        tries += visit.place == "token"
        facts = {"refusing": visit.place}
        encounters.record(**{**_errand(visit, encounters.redactor), "facts": facts})
        come.set()
        if tries >= _MOST_TRIES:
            insisting.set()

    with refusing_hospital(note) as origin:
        with suppress(UnreachableError), started(start, _values(subject, around, folder, origin), log):
            if encounters.wait(come, _FIRST_S):
                encounters.wait(insisting, _REFUSED_S)
        written = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        facts = {"refusing": "end", "named": written.count(ERROR)}
        encounters.record(method="END", url=f"{origin}/fhir", facts=facts)


def _values(subject: SystemUnderTest, around: Surroundings, folder: Path, origin: str) -> Mapping[str, str]:
    """Return the values of the placeholders, the hospital's addresses being those of an impostor."""
    if around.hospital is None:
        return {}
    hospital = replace(
        around.hospital, fhir_base_url=f"{origin}/fhir", token_url=f"{origin}/fhir/oauth2/token"
    )
    write_fixture(subject.server, around.seed, "one", folder / "fixture.json")
    return values_of(subject, replace(around, hospital=hospital), folder)


def _start(
    start: Start, values: Mapping[str, str], log: Path, seen: threading.Event, encounters: Encounters
) -> None:
    """Run the application until it came and had time for more, or stayed away."""
    if encounters.over.is_set():
        return
    try:
        with started(start, values, log):
            if encounters.wait(seen, _FIRST_S):
                encounters.over.wait(_MORE_S)
    except UnreachableError:
        return


@contextmanager
def _noted(
    encounters: Encounters, parts: Callable[[Any, Redactor], Mapping[str, Any]]
) -> Iterator[tuple[Callable[[Any], None], threading.Event]]:
    """Give what records a visit, and the event of the first one."""
    seen = threading.Event()

    def note(visit: Any) -> None:
        encounters.record(**parts(visit, encounters.redactor))
        seen.set()

    yield note, seen


def _handshake(flaw: str) -> Callable[[Handshake, Redactor], Mapping[str, Any]]:
    def parts(visit: Handshake, _: Redactor) -> Mapping[str, Any]:
        facts = {"tls": flaw, "handshake": visit.handshake, "bytes": visit.bytes}
        return {"method": "CONNECT", "url": "https://127.0.0.1/", "facts": facts}

    return parts


def _errand(visit: Errand, redactor: Redactor) -> Mapping[str, Any]:
    kind = next((value for name, value in visit.headers if name.lower() == "content-type"), "")
    return {
        "method": visit.method,
        "url": redactor.url(visit.url),
        "request_headers": redactor.headers(visit.headers),
        "request_body": redactor.body(visit.body, kind),
        "status": visit.status,
        "facts": {"rogue": visit.place},
    }
