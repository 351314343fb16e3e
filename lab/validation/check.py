"""Check one resource against everything at hand: R4, the profiles it claims, deep rules, French identifiers.

Spec: https://hl7.org/fhir/R4/validation.html
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from lab.validation import fast
from lab.validation.deep import deep_findings, invariants_not_checked
from lab.validation.french import number_rules
from lab.validation.overlay import Overlay, fr_core
from lab.validation.profile_invariants import (
    invariant_findings,
    invariants_not_programmed,
    invariants_undecided,
)
from lab.validation.profiles import Profile
from lab.validation.report import Finding, NotChecked, Report
from lab.validation.walk import Visit, base_type, walk

R4 = "FHIR R4 4.0.1"
FRENCH = "NIR, FINESS, SIREN, SIRET, RPPS, IDNPS, IDNST"
LIMITS = (
    NotChecked("binding", "extensible | preferred | example", "out-of-scope"),
    NotChecked("extension", "context", "out-of-scope"),
    NotChecked("reference", "targetProfile", "out-of-scope"),
)
Json = dict[str, Any]
# What a resource says of itself is repeated only when it looks like the canonical of a definition.
_CANONICAL = re.compile(r"(https?://[\w.\-]+(/[\w.\-]+)*|urn:oid:[0-9.]+)(\|[\w.\-]+)?", re.ASCII)
_HIDDEN = "***"


def check(
    resource: Mapping[str, Any],
    *,
    profiles: Overlay | None = None,
    claims: Iterable[str] = (),
    deep: bool = True,
) -> Report:
    """Return what is wrong with a resource, what it was checked against and what was not checked.

    Args:
        resource: what a JSON parser gives.
        profiles: the profiles at hand; FR Core 2.2.0 unless given.
        claims: canonicals of profiles to check the resource against, besides those that it names itself.
        deep: also check what a schema cannot say.
    """
    overlay = profiles or fr_core()
    instance = dict(resource)
    found: dict[tuple[str, str, str], Finding] = {}
    coverage = _Coverage()
    for defect in fast.defects(instance):
        if defect.rule == "uncovered-type":
            coverage.skip("type", defect.path, "not-covered")
        else:
            _add(found, Finding(defect.path, defect.rule))
    for visit in walk(instance):
        coverage.visit(visit, overlay, claims if not visit.steps else ())
        for finding in _findings(visit, overlay, claims if not visit.steps else (), deep=deep):
            _add(found, finding)
    if not deep:
        coverage.skip("invariant", "deep", "not-asked")
    return Report(tuple(sorted(found.values())), tuple(coverage.checked), coverage.left_out())


def is_valid(resource: Mapping[str, Any], *, profiles: Overlay | None = None) -> bool:
    """Tell whether no error is found in a resource; a type that is not covered is not valid.

    A profile that the resource names and that is not at hand is not looked at: ``check`` says so.
    """
    instance = dict(resource)
    if not fast.is_valid(instance):
        return False
    overlay = profiles or fr_core()
    return not any(
        finding.severity == "error" for visit in walk(instance) for finding in _findings(visit, overlay)
    )


def _findings(
    visit: Visit, overlay: Overlay, claims: Iterable[str] = (), *, deep: bool = True
) -> Iterator[Finding]:
    """Yield what is wrong with one element of a resource, by its type and the profiles it claims."""
    definition = visit.definition
    if definition == "Extension":
        profile = overlay.extension(str(visit.value.get("url")))
        if profile:
            yield from overlay.findings(profile, visit.value, visit.path)
    elif definition == "Identifier":
        yield from number_rules(visit)
    elif "resourceType" in visit.value:
        for profile in _profiles(visit, overlay, claims):
            yield from overlay.findings(profile, visit.value, visit.path)
            yield from invariant_findings(profile, visit.value, visit.path)
    if deep:
        yield from deep_findings(visit)


def _profiles(visit: Visit, overlay: Overlay, claims: Iterable[str]) -> Iterator[Profile]:
    for canonical in _claimed(visit, claims):
        profile = overlay.find(canonical)
        if profile:
            yield profile


def _claimed(visit: Visit, claims: Iterable[str]) -> Iterable[str]:
    meta = visit.value.get("meta")
    named = meta.get("profile") if isinstance(meta, dict) else None
    own = (c for c in named if isinstance(c, str)) if isinstance(named, list) else ()
    return dict.fromkeys((*own, *claims))


def _add(found: dict[tuple[str, str, str], Finding], finding: Finding) -> None:
    """Keep the first of the findings that say the same: a profile and the one it refers to, for example."""
    found.setdefault((finding.path, finding.rule, finding.element), finding)


class _Coverage:
    """What was checked and what was not, gathered while a resource is visited."""

    def __init__(self) -> None:
        self.checked: dict[str, None] = {R4: None}
        self._definitions: set[str] = set()
        self._skipped: dict[NotChecked, None] = {}

    def skip(self, kind: str, where: str, reason: str, detail: str = "") -> None:
        """Note something that is not checked."""
        self._skipped[NotChecked(kind, where, reason, detail)] = None

    def visit(self, visit: Visit, overlay: Overlay, claims: Iterable[str]) -> None:
        """Note what the rules of one element cover."""
        self._definitions.add(base_type(visit.definition))
        if visit.definition == "Extension":
            self._extension(visit, overlay)
        elif visit.definition == "Identifier":
            self.checked[FRENCH] = None
        elif visit.definition.startswith("CodeableConcept-in-") and "coding" not in visit.value:
            self.skip("binding", visit.path, "text-only")
        elif "resourceType" in visit.value:
            for canonical in _claimed(visit, claims):
                self._claim(canonical, overlay, visit.value)

    def _claim(self, canonical: str, overlay: Overlay, resource: Json) -> None:
        profile = overlay.find(canonical)
        if profile is None:
            self.skip("profile", _shown(canonical), "not-loaded")
        else:
            self.checked[profile.canonical] = None
            self._skipped |= dict.fromkeys(overlay.left_out(profile)) | _not_programmed(profile)
            self._skipped |= dict.fromkeys(invariants_undecided(profile, resource))

    def _extension(self, visit: Visit, overlay: Overlay) -> None:
        url = visit.value.get("url")
        if not isinstance(url, str) or ":" not in url:
            return  # a part of another extension
        profile = overlay.extension(url)
        if profile is None:
            self.skip("extension", _shown(url), "not-loaded")
        else:
            self._skipped |= dict.fromkeys(overlay.left_out(profile)) | _not_programmed(profile)

    def left_out(self) -> tuple[NotChecked, ...]:
        """Return what was not checked, once each, the limits of every check at the end."""
        for path, reason in fast.not_checked()["bindings"].items():
            if path.rpartition(".")[0] in self._definitions:
                self.skip("binding", path, "codes-unknown", reason)
        self._skipped |= dict.fromkeys(invariants_not_checked(self._definitions))
        return (*sorted(self._skipped), *LIMITS)


@cache
def _not_programmed(profile: Profile) -> dict[NotChecked, None]:
    return dict.fromkeys(invariants_not_programmed(profile))


def _shown(canonical: str) -> str:
    return canonical if _CANONICAL.fullmatch(canonical) else _HIDDEN
