"""The nouns of a validation: what was found, checked and not checked; never a value of the resource.

Spec: https://hl7.org/fhir/R4/validation.html
"""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]
_FRENCH = ("nir-", "finess-", "siren-", "siret-", "rpps-", "idnps-", "idnst-")
"""Rules about French identifiers: not of R4."""


@dataclass(frozen=True, order=True)
class Finding:
    """Where a resource is wrong and by which rule.

    ``rule`` is the key of an invariant (``obs-6``) or a name (``required``, ``binding``, ``nir-key``…);
    ``source`` is the profile that says so (empty: FHIR R4 itself, or a rule about French identifiers) and
    ``element`` the element or slice of that profile.
    """

    path: str
    rule: str
    severity: Severity = "error"
    source: str = ""
    element: str = ""

    @property
    def breaks_r4(self) -> bool:
        """Whether it is an error by R4 itself: not by a profile, nor by a rule about French identifiers."""
        return self.severity == "error" and not self.source and not self.rule.startswith(_FRENCH)


@dataclass(frozen=True, order=True)
class NotChecked:
    """Something that a definition requires, or that a resource claims, and that nobody looked at.

    ``kind`` is what it is (``binding``, ``profile``, ``slice``, ``invariant``…), ``where`` which one,
    ``reason`` a word that ``sentences`` explains and ``detail`` what a reader needs to look further.
    """

    kind: str
    where: str
    reason: str
    detail: str = ""


@dataclass(frozen=True)
class Report:
    """The result for one resource: no finding means "no defect found", not "conformant"."""

    findings: tuple[Finding, ...]
    checked_against: tuple[str, ...]
    not_checked: tuple[NotChecked, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that make the resource wrong."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that leave the resource acceptable."""
        return tuple(finding for finding in self.findings if finding.severity == "warning")
