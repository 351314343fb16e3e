"""One certification, whole: everything downstream is rendered from it alone."""

from dataclasses import dataclass

from lab.model.exchange import Exchange
from lab.model.finding import Finding
from lab.model.load import LoadResult
from lab.model.pulling import PullResult
from lab.model.requirement import Requirement
from lab.model.scaling import ScalingResult
from lab.model.vendor_finding import VendorFinding
from lab.model.verdict import Verdict
from lab.model.words import Outcome, Role

SCHEMA = "urn:fhir-integration-lab:run:1"


@dataclass(frozen=True)
class Subject:
    """The application that was certified, as its manifest names it."""

    vendor: str
    name: str
    version: str
    roles: tuple[Role, ...]


@dataclass(frozen=True)
class Reproduce:
    """What it takes to run the same again: command line, versions of the parts, SHA-256 of the inputs."""

    command: str
    versions: dict[str, str]
    digests: dict[str, str]


@dataclass(frozen=True)
class RequirementResult:
    """A requirement in the light of the run: the checks that verify it and their rolled-up outcome."""

    requirement: Requirement
    checks: tuple[str, ...]
    outcome: Outcome


@dataclass(frozen=True)
class Run:
    """The run document; ``exchanges`` holds only those that findings cite, bodies shortened.

    ``vendor_findings`` are what the vendor's own checks said, and no part of the verdict.
    ``unreachable`` tells that the application did not answer, or stopped answering midway.
    """

    id: str
    started: str
    duration_s: float
    tool_version: str
    subject: Subject
    seed: int
    patients: int
    suites: tuple[str, ...]
    verdict: Verdict
    findings: tuple[Finding, ...]
    load: tuple[LoadResult, ...]
    requirements: tuple[RequirementResult, ...]
    exchanges: tuple[Exchange, ...]
    planned: int
    reported: int
    unreachable: bool
    reproduce: Reproduce
    notes: tuple[str, ...] = ()
    vendor_findings: tuple[VendorFinding, ...] = ()
    pulls: tuple[PullResult, ...] = ()
    scaling: tuple[ScalingResult, ...] = ()
