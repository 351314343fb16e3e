"""Put one mutant, or the unbroken original, on trial: which checks fail on it?"""

import secrets
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from lab.authserver.registry import LABORATORY_KID
from lab.bundled import example, mutants
from lab.certification.certify import Options, certify
from lab.certification.document import read
from lab.checking.keys import new_key
from lab.engine.catalogue import catalogue
from lab.engine.plan import Access, Context, EnginePlan, Secrets
from lab.engine.runner import run_checks
from lab.manifest import read_manifest
from lab.model.words import Outcome, Role, Suite
from lab.sandbox.plan import SandboxPlan
from lab.sandbox.stack import SandboxError, sandbox
from lab.selftest import reference
from lab.selftest.mutant import Mutant

PATIENTS = 120
# Mutants import what they share as ``tests.mutants``, from the folder that is the first argument.
_RUN = (
    "-c",
    "import runpy, sys; sys.path.insert(0, sys.argv[1]); runpy.run_path(sys.argv[2], run_name='__main__')",
)
_BROKEN = {Outcome.FAIL, Outcome.ERROR, Outcome.WARNING}


@dataclass(frozen=True)
class Trial:
    """What was seen: the outcome of each check that ran, our defect when there was one, the verdict."""

    outcomes: dict[str, Outcome]
    defect: str = ""
    status: str = ""

    @property
    def noticed(self) -> frozenset[str]:
        """Return the checks that noticed something: failed, or remarked on a SHOULD."""
        return frozenset(id_ for id_, outcome in self.outcomes.items() if outcome in _BROKEN)


def try_platform(mutant: Mutant | None, seed: int, only: tuple[str, ...] = ()) -> Trial:
    """Run server checks, probes and credential probes on the sandbox, or on a mutant of it."""
    laboratory = new_key(LABORATORY_KID)
    module = (
        ("-m", "lab.sandbox.serve")
        if mutant is None
        else (*_RUN, str(mutants().parents[1]), str(mutant.path))
    )
    checks = tuple(
        id_
        for id_, card in catalogue().items()
        if (card.role is Role.SERVER or _about_credentials(id_)) and (not only or id_ in only)
    )
    with tempfile.TemporaryDirectory(prefix="lab-") as private:
        folder = Path(private)
        redaction_key = secrets.token_bytes(32).hex()
        plan = SandboxPlan(
            seed=seed,
            patients=PATIENTS,
            journal=str(folder / "hospital.jsonl"),
            store=str(folder / "hospital.db"),
            redaction_key=redaction_key,
            laboratory_secret=secrets.token_urlsafe(24),
            clients=reference.clients(laboratory),
        )
        try:
            with sandbox(plan, folder / "sandbox.log", module=module) as running:
                at = running.addresses
                engine = EnginePlan(
                    context=Context(
                        checks=checks,
                        subject=reference.at(at),
                        seed=seed,
                        groups=at.groups,
                        hospital={
                            "fhir": at.fhir_base_url,
                            "token": at.token_url,
                            "decoy": at.decoy_url,
                            "backend": at.backend_url,
                        },
                    ),
                    secrets=Secrets(
                        access={
                            name: Access(at.token_url, client, scopes, laboratory.private, LABORATORY_KID)
                            for name, client, scopes in (
                                ("full", reference.FULL, reference.FULL_SCOPES),
                                ("restricted", reference.RESTRICTED, reference.RESTRICTED_SCOPES),
                                ("grant", reference.PULLER, reference.PULLER_SCOPES),
                            )
                        },
                        redaction_key=redaction_key,
                        laboratory_secret=plan.laboratory_secret,
                        backend_key=at.backend_key,
                    ),
                    application_journal="",
                    own_journal=str(folder / "laboratory.jsonl"),
                )
                report = run_checks(engine, folder / "engine.log")
        except SandboxError as error:
            return Trial({}, str(error))
    return Trial({finding.check.id: finding.outcome for finding in report.findings})


def try_client(mutant: Mutant | None, seed: int, keep: Path | None = None) -> Trial:
    """Watch the example application, or a mutant of it, and run the checks of clients."""
    manifest = read_manifest(example() / "tableau_urgences.toml")
    if manifest.start is None:
        raise TypeError(manifest)
    if mutant is not None:
        command = ("{python}", str(mutant.path))
        manifest = replace(manifest, start=replace(manifest.start, command=command))
    # A mutant may never get far enough for the script to end: do not wait as long as for the original.
    client = replace(manifest.client, watch_s=40.0) if manifest.client and mutant else manifest.client
    manifest = replace(manifest, roles=(Role.CLIENT,), server=None, load=None, client=client)
    with tempfile.TemporaryDirectory(prefix="lab-") as private:
        options = Options(
            out=Path(private),
            seed=seed,
            patients=PATIENTS,
            suites=frozenset({Suite.CONFORMANCE, Suite.SECURITY}),
        )
        folder = certify(manifest, options)
        document = read(folder.document)
        if keep is not None:
            shutil.copytree(folder.path, keep, dirs_exist_ok=True)
    outcomes = {finding["check"]: Outcome(finding["outcome"]) for finding in document["findings"]}
    ended_early = document["unreachable"] or document["verdict"]["status"] == "withheld"
    return Trial(outcomes, document["verdict"]["reason"]["en"] if ended_early else "")


def try_vendor(mutant: Mutant | None, seed: int, only: frozenset[str] = frozenset()) -> Trial:
    """Judge the security of the sound vendor of the zoo, or of a variant of it, as a vendor's would be."""
    security = frozenset({Suite.SECURITY})
    manifest = read_manifest(mutants() / "vendors" / "vendor.toml")
    if mutant is not None and manifest.start is not None:
        command = (*manifest.start.command, "--variant", mutant.name)
        manifest = replace(manifest, start=replace(manifest.start, command=command))
    with tempfile.TemporaryDirectory(prefix="lab-") as private:
        options = Options(out=Path(private), seed=seed, suites=security, asked=security, only=only)
        document = read(certify(manifest, options).document)
    outcomes = {finding["check"]: Outcome(finding["outcome"]) for finding in document["findings"]}
    status = document["verdict"]["status"]
    ended_early = document["unreachable"] or status == "withheld"
    return Trial(outcomes, document["verdict"]["reason"]["en"] if ended_early else "", status)


def _about_credentials(id_: str) -> bool:
    """Tell whether a client check calls the gateway in the application's name, as the sandbox can be."""
    card = catalogue()[id_]
    return card.role is Role.CLIENT and card.level is not None and not id_.startswith("K-")
