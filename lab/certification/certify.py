"""Certify one application, from its manifest to its run folder.

manifest -> stack -> watch + checks + load -> findings -> verdict -> run.json -> reports
"""

import shutil
import tempfile
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from lab.certification import planning
from lab.certification.application import Running, UnreachableError
from lab.certification.artefacts import found_in
from lab.certification.baseline import beside
from lab.certification.conclude import Conclusion
from lab.certification.filling import empty
from lab.certification.filling import fill as fill_application
from lab.certification.folder import RunFolder, new_folder
from lab.certification.impostors import meeting_impostors
from lab.certification.instance import Surroundings, launch
from lab.certification.keys import hospital_of, new_keys
from lab.certification.load import bear_load
from lab.certification.planting import held, plant
from lab.certification.preparation import client_of, preparation_wire
from lab.certification.pulling import Asking, Pull, play_pull
from lab.certification.recorded import record
from lab.certification.resuming import NEED_RESTART, Restart, note_restart, restart
from lab.certification.session import Gathered, Nobody, Watcher
from lab.certification.vendor_checks import run_vendors_own
from lab.certification.watching import watch
from lab.checking.canary import Canary
from lab.engine.plan import CONTEXT, Context, EnginePlan, Secrets, shareable
from lab.engine.runner import run_checks
from lab.fhir.client import FhirClient
from lab.load.playing import Playing
from lab.model.finding import Finding
from lab.model.target import SystemUnderTest
from lab.model.text import Text
from lab.model.words import Suite
from lab.sandbox.stack import Sandbox, sandbox

ALL_SUITES = frozenset(Suite)


@dataclass(frozen=True)
class Options:
    """What the caller chooses. ``command`` is how to run the same again; ``module`` the sandbox's program.

    ``asked`` are the suites that the verdict is about. ``requests`` are those of the proof of
    non-interference. ``only`` are the checks to run, all when empty. ``playing`` is how a load is played,
    ``baseline`` the folder of an earlier run to compare it with. ``pull`` is what is played to the
    application as a client under load, None for nothing.
    """

    out: Path
    seed: int = 2023
    patients: int = 1000
    suites: frozenset[Suite] = ALL_SUITES
    command: str = ""
    module: tuple[str, ...] = ("-m", "lab.sandbox.serve")
    asked: frozenset[Suite] = ALL_SUITES
    requests: int = 200
    only: frozenset[str] = frozenset()
    playing: Playing = field(default_factory=Playing)
    baseline: Path | None = None
    pull: Pull | None = None


def certify(subject: SystemUnderTest, options: Options, watcher: Watcher | None = None) -> RunFolder:
    """Run a certification and write its folder; what was gathered is written even when it ends early."""
    started = datetime.now(UTC)
    folder = new_folder(options.out, subject.name, started)
    gathered = Gathered(checks=planning.planned_checks(subject, options.suites, options.only))
    asked = Conclusion(
        subject,
        options.seed,
        options.patients,
        options.suites,
        options.command,
        started,
        options.asked,
    )
    stages = _Certification(subject, options, folder, gathered, watcher or Nobody())
    record(asked, gathered, folder, stages.run)
    return folder


class _Certification:
    """The stages of one run, in order; everything started is stopped when ``run`` ends, however it ends."""

    def __init__(
        self,
        subject: SystemUnderTest,
        options: Options,
        folder: RunFolder,
        gathered: Gathered,
        watcher: Watcher,
    ) -> None:
        self._subject = subject
        self._options = options
        self._folder = folder
        self._gathered = gathered
        self._watcher = watcher
        self._acts = planning.needed_acts(gathered.checks)
        self._keys = new_keys()

    def run(self) -> None:
        """Play every stage."""
        with ExitStack() as stack:
            private = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lab-")))
            hospital = self._hospital(stack, private)
            around = Surroundings(
                hospital.addresses if hospital else None,
                self._keys.application,
                self._keys.laboratory,
                self._options.seed,
            )
            unfilled = self._subject
            self._watcher.stage(Text(fr="Démarrage de l'application", en="Starting the application"))
            log = self._folder.log("application")
            self._subject, canary, process = launch(stack, unfilled, around, private / "one", log)
            key, checks = self._keys.redaction_key, self._gathered.checks
            place = private / "impostors"
            meeting = meeting_impostors(stack, unfilled, around, place, self._folder, key, checks)
            played = self._watch(hospital, process)
            restarted = self._restart(hospital, process)
            self._freeze(restarted, meeting)
            plan = self._plan(hospital, played)
            plan = self._fill(stack, plan, canary)
            plan = self._twin(stack, plan, unfilled, around, private / "two")
            self._folder.context.write_bytes(CONTEXT.dump_json(shareable(plan.context), indent=1))
            self._check(plan)
            if Suite.LOAD in self._options.suites:
                running = _processes(process, hospital)
                bear_load(plan, self._folder, self._gathered, self._watcher, self._options.playing, running)
                self._gathered.load = beside(self._options.baseline, self._gathered.load, self._folder)
            self._gathered.digests |= self._folder.journal_digests()
            if Suite.CONFORMANCE in self._options.suites:
                run_vendors_own(plan, self._folder, private / "own", self._gathered, self._watcher)
        self._pull(unfilled)

    def _hospital(self, stack: ExitStack, private: Path) -> Sandbox | None:
        if not planning.needs_sandbox(self._subject):
            return None
        self._watcher.stage(Text(fr="Démarrage de l'hôpital", en="Starting the hospital"))
        plan = hospital_of(
            self._subject,
            self._keys,
            seed=self._options.seed,
            patients=self._options.patients,
            journal=self._folder.hospital_journal,
            store=private / "hospital.db",
            acts=self._acts,
        )
        log = self._folder.log("sandbox")
        return stack.enter_context(sandbox(plan, log, self._watcher.advance, module=self._options.module))

    def _watch(self, hospital: Sandbox | None, process: Running | None) -> tuple[str, ...]:
        """Watch the application pull until every act was played to it, or its time is over."""
        client = self._subject.client
        if hospital is None or client is None or not planning.watched(self._subject, self._options.suites):
            return ()
        self._gathered.notes += watch(client, hospital, self._watcher, self._acts, process)
        return self._acts

    def _restart(self, hospital: Sandbox | None, process: Running | None) -> Restart | None:
        """Kill the application and start it again, when its manifest allows it and a check needs it."""
        client = self._subject.client
        if hospital is None or client is None or process is None or process.is_gone:
            return None
        if not client.restartable or not NEED_RESTART & set(self._gathered.checks):
            return None
        self._watcher.stage(Text(fr="Arrêt brutal et reprise", en="Killed, and started again"))
        return restart(process, client, self._keys.successor, hospital.addresses.started)

    def _freeze(self, restarted: Restart | None, meeting: "Future[None] | None") -> None:
        """Keep the hospital's journal as it is now: the application goes on pulling while it is called.

        What it does in front of impostors of the hospital is waited for, and joins its journal.
        """
        if self._folder.hospital_journal.exists():
            shutil.copyfile(self._folder.hospital_journal, self._folder.application_journal)
            note_restart(self._folder.application_journal, restarted)
        if meeting is not None:
            self._watcher.stage(Text(fr="Face à un faux hôpital", en="In front of a false hospital"))
            meeting.result()
            with self._folder.application_journal.open("ab") as whole:
                whole.write(self._folder.impostors_journal.read_bytes())

    def _plan(self, hospital: Sandbox | None, played: tuple[str, ...]) -> EnginePlan:
        at = hospital.addresses if hospital else None
        return EnginePlan(
            context=Context(
                checks=self._gathered.checks,
                subject=self._subject,
                seed=self._options.seed,
                groups=at.groups if at else {},
                hospital=at.public if at else {},
                acts=played,
                artefacts=found_in(self._subject),
                requests=self._options.requests,
            ),
            secrets=Secrets(
                access=planning.access(self._subject, self._keys.laboratory, at.token_url if at else ""),
                redaction_key=self._keys.redaction_key,
                laboratory_secret=self._keys.secret,
                backend_key=at.backend_key if at else "",
            ),
            application_journal=self._folder.watched_journal,
            own_journal=str(self._folder.laboratory_journal),
            application_output=str(self._folder.log("application")) if self._subject.start else "",
        )

    def _fill(self, stack: ExitStack, plan: EnginePlan, canary: Canary) -> EnginePlan:
        """Fill the application with what it asks for, and clean up at the end."""
        server = self._subject.server
        if server is None or not (server.seed_patients or server.canary):
            return plan
        self._watcher.stage(Text(fr="Remplissage de l'application", en="Filling the application"))
        wire = stack.enter_context(preparation_wire(plan, self._folder))
        fhir = client_of(server, plan, wire)
        groups = dict(plan.context.groups)
        if server.seed_patients:
            written, drawn = fill_application(fhir, self._options.seed, server.seed_patients)
            stack.callback(self._empty, fhir, written)
            groups |= drawn
        if server.canary == "api":
            canary, written = plant(fhir, server, self._options.seed, "one")
            stack.callback(self._empty, fhir, written)
        elif server.canary == "file":
            canary = held(canary, fhir)
        groups |= canary.groups
        return replace(plan, context=replace(plan.context, groups=groups, canary=canary))

    def _twin(
        self,
        stack: ExitStack,
        plan: EnginePlan,
        unfilled: SystemUnderTest,
        around: Surroundings,
        folder: Path,
    ) -> EnginePlan:
        """Start a second instance, which holds the second world, where there can be one."""
        server = unfilled.server
        if not planning.needs_twin(unfilled, plan.context.checks) or server is None:
            return plan
        self._watcher.stage(Text(fr="Démarrage de la seconde instance", en="Starting the second instance"))
        second, _, _ = launch(stack, unfilled, around, folder, self._folder.log("application-two"), "two")
        if second.server is None:
            return plan
        access = planning.of_twin(plan.secrets.access, second.server)
        plan = replace(
            plan,
            context=replace(plan.context, twin_url=second.server.base_url),
            secrets=replace(plan.secrets, access=access),
        )
        if server.canary == "api":
            wire = stack.enter_context(preparation_wire(plan, self._folder, "two"))
            plant(client_of(second.server, plan, wire, "full@two"), second.server, self._options.seed, "two")
        return plan

    def _empty(self, fhir: FhirClient, written: list[str]) -> None:
        if refused := empty(fhir, written):
            self._gathered.notes.append(f"{refused} of {len(written)} seeded resources could not be deleted.")

    def _check(self, plan: EnginePlan) -> None:
        if not plan.context.checks:
            return
        self._watcher.stage(Text(fr="Vérifications", en="Checks"))
        report = run_checks(plan, self._folder.log("engine"), self._found)
        if report.unreachable:
            last = report.unreachable
            raise UnreachableError(
                fr=f"L'application a cessé de répondre pendant {last} ; les preuves sont gardées.",
                en=f"The application stopped answering during {last}; the evidence so far is kept.",
            )

    def _pull(self, unfilled: SystemUnderTest) -> None:
        """Let events happen to the application as a client, when all else is over and takes no time of it."""
        if self._options.pull is None or Suite.LOAD not in self._options.suites:
            return
        asking = Asking(self._options.out, self._options.seed, self._options.patients)
        self._folder.pulling.path.mkdir()
        play_pull(unfilled, self._options.pull, asking, self._folder.pulling, self._gathered, self._watcher)

    def _found(self, finding: Finding) -> None:
        self._gathered.findings.append(finding)
        self._watcher.found(finding)
        self._watcher.advance(len(self._gathered.findings), len(self._gathered.checks))


def _processes(application: Running | None, hospital: Sandbox | None) -> dict[str, int]:
    """Return the first process of what runs on this machine, by name."""
    found = {"application": application.process.pid} if application else {}
    return found | ({"hospital": hospital.processes[0]} if hospital and hospital.processes else {})
