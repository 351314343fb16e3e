"""Put the gateway of the sandbox, or a mutant of it, on trial as a server: the subject of server checks.

Marked patients are planted behind it. The unbroken one has a twin that holds the second world.
"""

import secrets
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from lab.authserver.registry import LABORATORY_KID, LABORATORY_RSA_KID
from lab.bundled import mutants
from lab.certification.application import UnreachableError
from lab.certification.planning import signing
from lab.certification.planting import Side, plant
from lab.checking.canary import Canary
from lab.checking.keys import KeyPair, new_pairs
from lab.engine.catalogue import catalogue
from lab.engine.plan import Access, Context, EnginePlan, Secrets
from lab.engine.runner import run_checks
from lab.engine.wire import LiveWire
from lab.fhir.client import FhirClient
from lab.journal.journal import Journal
from lab.journal.redact import Redactor
from lab.model.words import Role, Suite
from lab.sandbox.plan import Addresses, SandboxPlan
from lab.sandbox.stack import SandboxError, sandbox
from lab.selftest import reference
from lab.selftest.mutant import Mutant
from lab.selftest.trial import PATIENTS, Trial

# Mutants import what they share as ``tests.mutants``, from the folder that is the first argument.
_RUN = (
    "-c",
    "import runpy, sys; sys.path.insert(0, sys.argv[1]); runpy.run_path(sys.argv[2], run_name='__main__')",
)
_SOUND = ("-m", "lab.sandbox.serve")


def try_platform(mutant: Mutant | None, seed: int, only: tuple[str, ...] = ()) -> Trial:
    """Run server checks, probes and credential probes on the sandbox, or on a mutant of it."""
    checks = tuple(
        id_
        for id_, card in catalogue().items()
        if (card.role is Role.SERVER or _about_credentials(id_)) and (not only or id_ in only)
    )
    try:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lab-")))
            laboratory = new_pairs(LABORATORY_KID, LABORATORY_RSA_KID)
            stage = _Stage(folder, seed, laboratory, secrets.token_bytes(32).hex())
            at, canary = stage.start(stack, mutant, "one")
            plan = stage.engine(at, canary, checks)
            if mutant is None:
                twin, _ = stage.start(stack, None, "two")
                plan = stage.with_twin(plan, twin)
            report = run_checks(plan, folder / "engine.log")
    except (SandboxError, UnreachableError) as error:
        return Trial({}, str(error))
    return Trial({finding.check.id: finding.outcome for finding in report.findings})


class _Stage:
    """What the instances of one trial share."""

    def __init__(self, folder: Path, seed: int, laboratory: KeyPair, redaction_key: str) -> None:
        self._folder = folder
        self._seed = seed
        self._laboratory = laboratory
        self._redaction_key = redaction_key
        self._secret = secrets.token_urlsafe(24)

    def start(self, stack: ExitStack, mutant: Mutant | None, side: Side) -> tuple[Addresses, Canary]:
        """Start an instance for as long as the stack is open, and plant its world behind the gateway."""
        module = _SOUND if mutant is None else (*_RUN, str(mutants().parents[1]), str(mutant.path))
        plan = SandboxPlan(
            seed=self._seed,
            patients=PATIENTS,
            journal=str(self._folder / side / "hospital.jsonl"),
            store=str(self._folder / f"{side}.db"),
            redaction_key=self._redaction_key,
            laboratory_secret=self._secret,
            clients=reference.clients(self._laboratory),
        )
        log = self._folder / f"sandbox-{side}.log"
        at = stack.enter_context(sandbox(plan, log, module=module)).addresses
        server = reference.subject().server
        if server is None:
            raise TypeError(server)
        journal = Journal(self._folder / side / "planting.jsonl", "P")
        wire = LiveWire(journal, Redactor(bytes.fromhex(self._redaction_key)), "", "")
        try:
            behind = FhirClient(at.backend_url, wire, lambda: f"Bearer {at.backend_key}")
            canary, _ = plant(behind, server, self._seed, side)
        finally:
            wire.close()
            journal.close()
        return at, canary

    def engine(self, at: Addresses, canary: Canary, checks: tuple[str, ...]) -> EnginePlan:
        """Return the plan of the checks on an instance."""
        return EnginePlan(
            context=Context(
                checks=checks,
                subject=reference.at(at),
                seed=self._seed,
                groups={**at.groups, **canary.groups},
                hospital=at.public,
                canary=canary,
            ),
            secrets=Secrets(
                access=self._access(at),
                redaction_key=self._redaction_key,
                laboratory_secret=self._secret,
                backend_key=at.backend_key,
            ),
            application_journal="",
            own_journal=str(self._folder / "laboratory.jsonl"),
        )

    def with_twin(self, plan: EnginePlan, at: Addresses) -> EnginePlan:
        """Return the plan with the second instance in it."""
        access = {f"{name}@two": one for name, one in self._access(at).items()}
        return replace(
            plan,
            context=replace(plan.context, twin_url=at.fhir_base_url),
            secrets=replace(plan.secrets, access={**plan.secrets.access, **access}),
        )

    def _access(self, at: Addresses) -> dict[str, Access]:
        return {
            name: Access(at.token_url, client_id, scopes, **signing(self._laboratory))
            for name, (client_id, scopes) in reference.callers().items()
        }


def _about_credentials(id_: str) -> bool:
    """Tell whether a client check calls the gateway in the application's name, as the sandbox can be."""
    card = catalogue()[id_]
    return card.role is Role.CLIENT and card.suite is Suite.SECURITY and not id_.startswith("K-")
