"""Certify one application, from its manifest to its run folder.

manifest -> stack -> watch + checks + load -> findings -> verdict -> run.json -> reports
"""

import secrets
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import orjson

from lab.authserver.registry import LABORATORY_KID
from lab.certification import planning
from lab.certification.application import UnreachableError, check_reachable, fill, free_port, running
from lab.certification.conclude import Conclusion, conclude
from lab.certification.filling import empty
from lab.certification.filling import fill as fill_application
from lab.certification.folder import RunFolder, new_folder
from lab.certification.load import run_load
from lab.certification.preparation import client_of, preparation_wire
from lab.certification.session import Gathered, Nobody, Watcher
from lab.checking.keys import KeyPair, new_key
from lab.checking.truth import Truth
from lab.engine.plan import CONTEXT, Context, EnginePlan, Secrets
from lab.engine.runner import run_checks
from lab.fhir.client import FhirClient
from lab.model.finding import Finding
from lab.model.target import SystemUnderTest
from lab.model.text import Text
from lab.model.words import Suite
from lab.sandbox.plan import SandboxPlan
from lab.sandbox.stack import Sandbox, sandbox

ALL_SUITES = frozenset(Suite)
_WATCH_POLL_S = 0.2


@dataclass(frozen=True)
class Options:
    """What the caller chooses. ``command`` is how to run the same again; ``module`` the sandbox's program."""

    out: Path
    seed: int = 2023
    patients: int = 1000
    suites: frozenset[Suite] = ALL_SUITES
    command: str = ""
    module: tuple[str, ...] = ("-m", "lab.sandbox.serve")


def certify(subject: SystemUnderTest, options: Options, watcher: Watcher | None = None) -> RunFolder:
    """Run a certification and write its folder; what was gathered is written even when it ends early."""
    started = datetime.now(UTC)
    begun = time.monotonic()
    folder = new_folder(options.out, subject.name, started)
    gathered = Gathered(checks=planning.planned_checks(subject, options.suites))
    try:
        _Certification(subject, options, folder, gathered, watcher or Nobody()).run()
    except UnreachableError as error:
        gathered.unreachable = error.text
    except KeyboardInterrupt:
        gathered.interrupted = Text(
            fr="Interrompu à la demande : ce qui avait été observé est conservé.",
            en="Interrupted on request: what had been observed is kept.",
        )
    except Exception as error:  # noqa: BLE001 - whatever broke is ours, and must not become a verdict
        folder.log("laboratory").parent.mkdir(exist_ok=True)
        folder.log("laboratory").write_text(traceback.format_exc(), encoding="utf-8")
        gathered.defect = Text(fr=f"Défaut du laboratoire : {error}", en=f"Laboratory defect: {error}")
    conclude(
        Conclusion(subject, options.seed, options.patients, options.suites, options.command, started),
        gathered,
        folder,
        round(time.monotonic() - begun, 1),
    )
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
        self._laboratory = new_key(LABORATORY_KID)
        self._application = new_key("application")
        self._redaction_key = secrets.token_bytes(32).hex()
        self._secret = secrets.token_urlsafe(24)

    def run(self) -> None:
        """Play every stage."""
        with ExitStack() as stack:
            private = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lab-")))
            hospital = self._hospital(stack, private)
            self._subject = self._start(stack, private, hospital)
            played = self._watch(hospital)
            self._freeze()
            plan = self._plan(hospital, played)
            plan = self._fill(stack, plan)
            self._folder.context.write_bytes(CONTEXT.dump_json(_shareable(plan.context), indent=1))
            self._check(plan)
            self._load(plan)

    def _hospital(self, stack: ExitStack, private: Path) -> Sandbox | None:
        if not planning.needs_sandbox(self._subject):
            return None
        self._watcher.stage(Text(fr="Démarrage de l'hôpital", en="Starting the hospital"))
        plan = SandboxPlan(
            seed=self._options.seed,
            patients=self._options.patients,
            journal=str(self._folder.hospital_journal),
            store=str(private / "hospital.db"),
            redaction_key=self._redaction_key,
            laboratory_secret=self._secret,
            clients=planning.clients(self._subject, self._application, self._laboratory, self._acts),
        )
        log = self._folder.log("sandbox")
        return stack.enter_context(sandbox(plan, log, self._watcher.advance, module=self._options.module))

    def _start(self, stack: ExitStack, private: Path, hospital: Sandbox | None) -> SystemUnderTest:
        """Start the application as its manifest says; return the subject with its placeholders filled."""
        self._watcher.stage(Text(fr="Démarrage de l'application", en="Starting the application"))
        values = self._values(private, hospital, self._application)
        server = self._subject.server
        if server is not None:
            server = replace(
                server,
                base_url=fill(server.base_url, values).rstrip("/"),
                token_url=fill(server.token_url, values),
            )
        if self._subject.start is not None:
            log = self._folder.log("application")
            stack.enter_context(running(self._subject.start, values, log))
        if server is not None:
            check_reachable(server.base_url)
        return replace(self._subject, server=server)

    def _values(self, private: Path, hospital: Sandbox | None, key: KeyPair) -> Mapping[str, str]:
        key_file = private / "application-key.json"
        key_file.touch(mode=0o600)
        key_file.write_bytes(orjson.dumps(key.private_jwk))
        values = {
            "python": sys.executable,
            "port": str(free_port()),
            "seed": str(self._options.seed),
            "key_file": str(key_file),
            "scratch": str(private),
            "client_id": self._subject.client.client_id if self._subject.client else "",
        }
        if hospital is not None:
            values["fhir_base_url"] = hospital.addresses.fhir_base_url
            values["token_url"] = hospital.addresses.token_url
        return values

    def _watch(self, hospital: Sandbox | None) -> tuple[str, ...]:
        """Watch the application pull until every act was played to it, or its time is over."""
        client = self._subject.client
        if hospital is None or client is None or not planning.watched(self._subject, self._options.suites):
            return ()
        stage = Text(fr="Observation de l'application", en="Watching the application")
        if self._subject.start is None:  # somebody else starts it, and must know where the hospital is
            address = f"({hospital.addresses.fhir_base_url}, client_id {client.client_id})"
            stage = stage.extended(address, address)
        self._watcher.stage(stage)
        begun = time.monotonic()
        while (elapsed := time.monotonic() - begun) < client.watch_s and not hospital.acts_complete.is_set():
            self._watcher.advance(elapsed, client.watch_s)
            hospital.acts_complete.wait(_WATCH_POLL_S)
        if not hospital.acts_complete.is_set():
            self._gathered.notes.append(
                f"The watch ended after {client.watch_s:.0f} s before every act was played: "
                "raise client.watch_s, or let the application pull more often."
            )
        return self._acts

    def _freeze(self) -> None:
        """Keep the hospital's journal as it is now: the application goes on pulling while it is called."""
        if self._folder.hospital_journal.exists():
            shutil.copyfile(self._folder.hospital_journal, self._folder.application_journal)

    def _plan(self, hospital: Sandbox | None, played: tuple[str, ...]) -> EnginePlan:
        at = hospital.addresses if hospital else None
        addresses = (
            {
                "fhir": at.fhir_base_url,
                "token": at.token_url,
                "decoy": at.decoy_url,
                "backend": at.backend_url,
            }
            if at
            else {}
        )
        return EnginePlan(
            context=Context(
                checks=self._gathered.checks,
                subject=self._subject,
                seed=self._options.seed,
                groups=at.groups if at else {},
                hospital=addresses,
                acts=played,
            ),
            secrets=Secrets(
                access=planning.access(self._subject, self._laboratory, at.token_url if at else ""),
                redaction_key=self._redaction_key,
                laboratory_secret=self._secret,
                backend_key=at.backend_key if at else "",
            ),
            application_journal=self._folder.watched_journal,
            own_journal=str(self._folder.laboratory_journal),
        )

    def _fill(self, stack: ExitStack, plan: EnginePlan) -> EnginePlan:
        """Fill the application with synthetic patients when it asks for them, and clean up at the end."""
        server = self._subject.server
        if server is None or not server.seed_patients:
            return plan
        self._watcher.stage(Text(fr="Remplissage de l'application", en="Filling the application"))
        wire = stack.enter_context(preparation_wire(plan, self._folder))
        fhir = client_of(server, plan, wire)
        written, groups = fill_application(fhir, self._options.seed, server.seed_patients)
        stack.callback(self._empty, fhir, written)
        return replace(plan, context=replace(plan.context, groups=groups))

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

    def _found(self, finding: Finding) -> None:
        self._gathered.findings.append(finding)
        self._watcher.found(finding)
        self._watcher.advance(len(self._gathered.findings), len(self._gathered.checks))

    def _load(self, plan: EnginePlan) -> None:
        promise = self._subject.load
        if Suite.LOAD not in self._options.suites or promise is None or self._subject.server is None:
            return
        self._watcher.stage(Text(fr="Charge", en="Load"))
        context = plan.context
        truth = Truth(self._subject, context.seed, context.groups, context.hospital)
        progress = self._watcher.advance
        self._gathered.load.append(
            run_load(
                promise, self._subject.server, plan, self._folder, truth, lambda share: progress(share, 1)
            )
        )


def _shareable(context: Context) -> Context:
    """Return the context without the client secrets that the manifest holds."""
    server = context.subject.server
    if server is None:
        return context
    identities = tuple(replace(identity, client_secret="") for identity in server.identities)
    return replace(context, subject=replace(context.subject, server=replace(server, identities=identities)))
