"""What one certification has gathered so far: it is written whatever happens."""

from dataclasses import dataclass, field
from typing import Protocol

from lab.model.finding import Finding
from lab.model.load import LoadResult
from lab.model.pulling import PullResult
from lab.model.scaling import ScalingResult
from lab.model.text import Text
from lab.model.vendor_finding import VendorFinding


class Watcher(Protocol):
    """Whoever follows a certification: the console, or nobody."""

    def stage(self, text: Text) -> None:
        """Tell that a new stage begins."""
        ...

    def advance(self, done: float, total: float | None = None) -> None:
        """Tell how far the stage is."""
        ...

    def found(self, finding: Finding) -> None:
        """Tell what a check showed."""
        ...


class Nobody:
    """A watcher that looks away."""

    def stage(self, text: Text) -> None:
        """Ignore the stage."""

    def advance(self, done: float, total: float | None = None) -> None:
        """Ignore the progress."""

    def found(self, finding: Finding) -> None:
        """Ignore the finding."""


@dataclass
class Gathered:
    """The results so far. ``unreachable``, ``interrupted`` and ``defect`` say what ended the run early."""

    checks: tuple[str, ...] = ()
    findings: list[Finding] = field(default_factory=list)
    load: list[LoadResult] = field(default_factory=list)
    pulls: list[PullResult] = field(default_factory=list)
    scaling: list[ScalingResult] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    vendor_findings: list[VendorFinding] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    unreachable: Text | None = None
    interrupted: Text | None = None
    defect: Text | None = None
