"""Turn what was gathered into the judged run document and its reports."""

import hashlib
import platform
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

import orjson

from lab import __version__
from lab.certification.document import write
from lab.certification.evidence import cited
from lab.certification.folder import RunFolder
from lab.certification.growth import promise
from lab.certification.least_privilege import least_privilege
from lab.certification.policy import judge
from lab.certification.session import Gathered
from lab.engine.catalogue import catalogue
from lab.journal.journal import read_journal
from lab.model.run import Reproduce, Run, Subject
from lab.model.target import SystemUnderTest
from lab.model.words import Suite
from lab.requirements.load import results
from reports import write_reports

_PARTS = ("httpx", "locust", "pytest", "uvicorn", "pyjwt", "fhir.resources", "jsonschema")


@dataclass(frozen=True)
class Conclusion:
    """What the run was asked to be; ``asked`` are the suites that its verdict is about."""

    subject: SystemUnderTest
    seed: int
    patients: int
    suites: frozenset[Suite]
    command: str
    started: datetime
    asked: frozenset[Suite] = frozenset(Suite)


def conclude(asked: Conclusion, gathered: Gathered, folder: RunFolder, duration_s: float) -> Run:
    """Judge, then write ``run.json`` and the reports; return the run."""
    subject = asked.subject
    findings = tuple(sorted(gathered.findings, key=lambda f: f.check.id))
    planned = len(gathered.checks)
    ended_early = gathered.unreachable or gathered.interrupted
    run = Run(
        id=folder.path.name,
        started=asked.started.isoformat(timespec="seconds"),
        duration_s=duration_s,
        tool_version=__version__,
        subject=Subject(subject.vendor, subject.name, subject.version, subject.roles),
        seed=asked.seed,
        patients=asked.patients,
        suites=tuple(sorted(asked.suites)),
        verdict=judge(
            findings,
            [*gathered.load, *gathered.pulls, *map(promise, gathered.scaling)],
            planned=planned,
            suites=asked.suites,
            asked=asked.asked,
            interrupted=ended_early,
            defect=gathered.defect,
        ),
        findings=findings,
        load=tuple(gathered.load),
        pulls=tuple(gathered.pulls),
        scaling=tuple(gathered.scaling),
        requirements=results(findings, {id_ for card in catalogue().values() for id_ in card.requirements}),
        exchanges=cited(findings, folder),
        planned=planned,
        reported=len(findings),
        unreachable=gathered.unreachable is not None,
        reproduce=Reproduce(asked.command, _versions(), {**_digests(subject), **gathered.digests}),
        notes=tuple(gathered.notes),
        vendor_findings=tuple(gathered.vendor_findings),
    )
    write_reports(write(run, folder.document), folder.path)
    _propose(subject, folder)
    return run


def _propose(subject: SystemUnderTest, folder: RunFolder) -> None:
    """Leave the smallest Permission that the application needs beside the reports, when it was watched."""
    if not folder.application_journal.exists():
        return
    watched = (e for e in read_journal(folder.application_journal) if e.actor == "application")
    proposed = least_privilege(subject, watched)
    if proposed is not None:
        permission, words = proposed
        folder.minimal_permission.write_bytes(orjson.dumps(permission, option=orjson.OPT_INDENT_2))
        folder.least_privilege.write_text(f"{words.fr}\n\n{words.en}\n", encoding="utf-8")


def _versions() -> dict[str, str]:
    parts = {name: version(name) for name in _PARTS}
    return {"fhir-integration-lab": __version__, "python": platform.python_version(), **parts}


def _digests(subject: SystemUnderTest) -> dict[str, str]:
    permission = subject.client.permission if subject.client else None
    digests = {
        "manifest": subject.digest,
        "catalogue": hashlib.sha256("\n".join(catalogue()).encode()).hexdigest(),
    }
    if permission is not None:
        library = subject.client.library if subject.client else {}
        source = orjson.dumps([permission, library] if library else permission, option=orjson.OPT_SORT_KEYS)
        digests["permission"] = hashlib.sha256(source).hexdigest()
    return digests
