"""Let events happen in the hospital while the application pulls, and judge whether it keeps up.

manifest -> hospital -> application -> what it follows -> events and faults -> judgement -> run.json, reports
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from lab.certification.application import Running
from lab.certification.conclude import Conclusion
from lab.certification.copying import find_patterns, opened
from lab.certification.folder import RunFolder, new_folder
from lab.certification.instance import Surroundings, launch
from lab.certification.keys import hospital_of, new_keys
from lab.certification.recorded import record
from lab.certification.session import Gathered, Nobody, Watcher
from lab.engine.wire import LiveWire
from lab.journal.journal import Journal
from lab.journal.redact import Redactor
from lab.load.error import LoadError
from lab.model.pulling import PullResult
from lab.model.target import SystemUnderTest
from lab.model.text import Text
from lab.model.words import Suite
from lab.pulling.bisection import search
from lab.pulling.drive import Client, Hospital, play, settle
from lab.pulling.follows import followed
from lab.pulling.injecting import Door, Patterns
from lab.pulling.plan import FaultWindow, PullPlan, events
from lab.pulling.rechecking import PLAN_FILE, recheck
from lab.pulling.recording import RECORD_FILE
from lab.pulling.searched import searched, step_of
from lab.sandbox.plan import Addresses
from lab.sandbox.stack import Sandbox, sandbox

_LOAD = frozenset({Suite.LOAD})
TITLE = Text(fr="L'application interroge l'hôpital sous charge", en="The application pulls under load")


@dataclass(frozen=True)
class Pull:
    """What is played: ``rate`` in events/s for ``duration_s``; with ``steps`` each lasts that long.

    ``hidden_share`` of the events are about patients that the application must not see.
    """

    rate: float
    duration_s: float
    hidden_share: float
    overlap_s: float
    drain_s: float
    windows: tuple[FaultWindow, ...] = ()
    thresholds: tuple[str, ...] = ()
    steps: int = 0


@dataclass(frozen=True)
class Asking:
    """How the caller wants the run: where its folder goes, the seed, the size of the hospital."""

    out: Path
    seed: int = 2023
    patients: int = 1000
    command: str = ""


def pull(subject: SystemUnderTest, asked: Pull, options: Asking, watcher: Watcher | None = None) -> RunFolder:
    """Run it and write its folder; what was gathered is written even when it ends early."""
    started = datetime.now(UTC)
    folder = new_folder(options.out, subject.name, started)
    gathered = Gathered()
    conclusion = Conclusion(
        subject, options.seed, options.patients, _LOAD, options.command, started, asked=_LOAD
    )
    follower = watcher or Nobody()
    record(
        conclusion, gathered, folder, lambda: play_pull(subject, asked, options, folder, gathered, follower)
    )
    return folder


def play_pull(
    subject: SystemUnderTest,
    asked: Pull,
    options: Asking,
    folder: RunFolder,
    gathered: Gathered,
    watcher: Watcher,
) -> None:
    """Play it with a hospital and an instance of its own, and gather what it showed.

    Raises:
        LoadError: the application pulls nothing, or what is asked cannot be played.
        UnreachableError: the application did not start.
    """
    _Pulling(subject, asked, options, folder, gathered, watcher).run()


class _Pulling:
    """The stages of one run; everything started is stopped when ``run`` ends, however it ends."""

    def __init__(
        self,
        subject: SystemUnderTest,
        asked: Pull,
        options: Asking,
        folder: RunFolder,
        gathered: Gathered,
        watcher: Watcher,
    ) -> None:
        self._subject = subject
        self._asked = asked
        self._options = options
        self._folder = folder
        self._gathered = gathered
        self._watcher = watcher
        self._keys = new_keys()

    def run(self) -> None:
        """Play every stage."""
        client = self._subject.client
        if client is None:
            message = "Only an application that pulls can be watched pulling: give the manifest a [client]."
            raise LoadError(message)
        with ExitStack() as stack:
            private = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lab-")))
            platform = self._platform(stack, private)
            at = platform.addresses
            self._watcher.stage(Text(fr="Démarrage de l'application", en="Starting the application"))
            around = Surroundings(at, self._keys.application, self._keys.laboratory, self._options.seed)
            _, _, process = launch(
                stack, self._subject, around, private / "one", self._folder.log("application")
            )
            door = Door(at.backend_url, at.backend_key, at.started)
            hospital = Hospital(door, self._folder.hospital_journal, platform.announce)
            me = Client(client.client_id, at.fhir_base_url, client.poll_interval_s, _gone(process))
            self._watcher.stage(Text(fr="Ce que l'application suit", en="What the application follows"))
            searches = followed(settle(me, hospital)) or opened(client)
            with self._wire(at) as wire:
                patterns = find_patterns(searches, at, client, self._keys.laboratory.private, wire)
            if not self._asked.steps:
                self._watcher.stage(Text(fr="Événements dans l'hôpital", en="Events in the hospital"))
                self._gathered.pulls.append(self._play(me, hospital, patterns, self._asked, ""))
                _tell_gone(process, self._gathered)
                return
            self._watcher.stage(Text(fr="Recherche du débit le plus haut", en="Search for the highest rate"))
            self._gathered.pulls.append(self._search(me, hospital, patterns))
            _tell_gone(process, self._gathered)

    def _platform(self, stack: ExitStack, private: Path) -> Sandbox:
        self._watcher.stage(Text(fr="Démarrage de l'hôpital", en="Starting the hospital"))
        plan = hospital_of(
            self._subject,
            self._keys,
            seed=self._options.seed,
            patients=self._options.patients,
            journal=self._folder.hospital_journal,
            store=private / "hospital.db",
            measured=True,
        )
        return stack.enter_context(sandbox(plan, self._folder.log("sandbox"), self._watcher.advance))

    @contextmanager
    def _wire(self, at: Addresses) -> Iterator[LiveWire]:
        """Give a wire of the laboratory, recorded apart from the application."""
        journal = Journal(self._folder.preparation_journal, "P")
        wire = LiveWire(
            journal, Redactor(bytes.fromhex(self._keys.redaction_key)), self._keys.secret, at.fhir_base_url
        )
        try:
            yield wire
        finally:
            wire.close()
            journal.close()

    def _play(self, me: Client, hospital: Hospital, patterns: Patterns, asked: Pull, name: str) -> PullResult:
        """Play one plan and return what it showed; ``name`` is the folder of a step, empty for the whole."""
        folder = self._folder.pull / name
        hidden = asked.hidden_share if patterns.hidden else 0.0
        plan = PullPlan(
            client_id=me.client_id,
            base_url=me.base_url,
            title=TITLE,
            interval_s=me.interval_s,
            rate=asked.rate,
            duration_s=asked.duration_s,
            seed=self._options.seed,
            hidden_share=hidden,
            overlap_s=asked.overlap_s,
            drain_s=asked.drain_s,
            windows=asked.windows,
            thresholds=asked.thresholds,
            events=events(asked.rate, asked.duration_s, self._options.seed, hidden, f"event{name}"),
        )
        folder.mkdir(parents=True, exist_ok=True)
        (folder / PLAN_FILE).write_bytes(plan.to_json())
        try:
            play(
                plan,
                patterns,
                hospital,
                folder / RECORD_FILE,
                lambda share: self._watcher.advance(share, 1),
                me.gone,
            )
        except KeyboardInterrupt:
            self._gathered.pulls.append(recheck(folder, self._folder.hospital_journal))
            raise
        return recheck(folder, self._folder.hospital_journal)

    def _search(self, me: Client, hospital: Hospital, patterns: Patterns) -> PullResult:
        """Look for the highest rate that the application keeps up with."""
        played: list[PullResult] = []

        def sustained(rate: float) -> bool | None:
            step = replace(
                self._asked,
                rate=rate,
                windows=(),
                steps=0,
                drain_s=min(self._asked.drain_s, 2 * me.interval_s + 10),
            )
            played.append(self._play(me, hospital, patterns, step, f"step{len(played) + 1}"))
            taken = step_of(played[-1])
            return taken.sustained if taken.valid else None

        search(self._asked.rate, self._asked.steps, sustained)
        if not played[-1].valid and len(played) > 1:
            reason = played[-1].invalid_reason
            self._gathered.notes.append(
                f"The search ended at {played[-1].target_rate:.2f}/s. {reason.en if reason else ''}"
            )
        return searched(played)


def _gone(process: Running | None) -> Callable[[], bool]:
    return (lambda: False) if process is None else (lambda: process.is_gone)


def _tell_gone(process: Running | None, gathered: Gathered) -> None:
    if process is not None and process.is_gone:
        gathered.notes.append(f"The application ended by itself (code {process.process.returncode}).")
