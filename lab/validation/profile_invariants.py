"""The invariants of profiles: those of FR Core and of vital signs are programmed, the engine has the rest.

Spec: https://hl7.fr/ig/fhir/core/2.2.0/StructureDefinition-fr-core-patient-ins.html and
https://hl7.org/fhir/R4/observation-vitalsigns.html
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from lab.validation import fhirpath
from lab.validation.profiles import Invariant, Profile
from lab.validation.report import Finding, NotChecked

Json = dict[str, Any]

_FR = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
_RELIABILITY = f"{_FR}fr-core-identity-reliability"
_INSEE = f"{_FR}fr-core-address-insee-code"
_BIRTH_PLACE = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
_INS_SYSTEMS = frozenset(f"urn:oid:1.2.250.1.213.1.4.{arc}" for arc in (9, 10, 11))
_REAL_INS = "urn:oid:1.2.250.1.213.1.4.8"
_UNKNOWN_PLACE = "99999"
_DAY = len("2026-03-31")


def invariant_findings(profile: Profile, resource: Json, path: str) -> Iterator[Finding]:
    """Yield the invariants of a profile that a resource breaks."""
    for invariant in programmed(profile):
        _, holds = HOLDS[invariant.key]
        if not holds(resource):
            yield Finding(path, invariant.key, invariant.severity, profile.canonical, invariant.element)
    yield from fhirpath.broken(profile, evaluated(profile), resource, path)


def invariants_not_programmed(profile: Profile) -> Iterator[NotChecked]:
    """Yield the invariants of a profile that nobody programmed and that the engine cannot evaluate."""
    done = evaluated(profile)
    for invariant in _others(profile):
        if invariant not in done:
            detail = f"{invariant.element}: {invariant.expression}"
            yield NotChecked("invariant", invariant.key, "not-programmed", detail)


def invariants_undecided(profile: Profile, resource: Json) -> Iterator[NotChecked]:
    """Yield the invariants on which the engine failed for this resource."""
    yield from fhirpath.undecided(evaluated(profile), resource)


@cache
def evaluated(profile: Profile) -> tuple[Invariant, ...]:
    """Return the invariants of a profile that the engine evaluates."""
    return fhirpath.evaluated(profile, _others(profile))


@cache
def _others(profile: Profile) -> tuple[Invariant, ...]:
    keys = {invariant.key for invariant in programmed(profile)}
    return tuple(dict.fromkeys(one for one in profile.invariants if one.key not in keys))


@cache
def programmed(profile: Profile) -> tuple[Invariant, ...]:
    """Return the invariants of a profile that are programmed here, with the very expression it has.

    The snapshot repeats an invariant at each slice of its element: once is enough.
    """
    once = {invariant.key: invariant for invariant in reversed(profile.invariants)}
    return tuple(
        invariant
        for key, invariant in sorted(once.items())
        if key in HOLDS and digest(invariant.expression) == HOLDS[key][0]
    )


def digest(expression: str) -> str:
    """Return a short name of an expression: another version of a guide may change it under the same key."""
    return hashlib.sha256(expression.encode()).hexdigest()[:12]


def _is_validated(patient: Json) -> bool:
    return any(
        coding.get("code") == "VALI"
        for reliability in _extensions(patient, _RELIABILITY)
        for status in _extensions(reliability, "identityStatus")
        for coding in [_object(status.get("valueCoding"))]
    )


def _validated_has_ins(patient: Json) -> bool:
    """fr-core-1: a validated identity carries an official INS."""
    return not _is_validated(patient) or any(_is_ins(identifier) for identifier in _official(patient))


def _is_ins(identifier: Json) -> bool:
    system = str(identifier.get("system"))
    if system != _REAL_INS:
        return system in _INS_SYSTEMS
    codings = _objects(_object(identifier.get("type")).get("coding"))
    return any(coding.get("code") == "INS-NIR" for coding in codings)


def _validated_has_one_official(patient: Json) -> bool:
    """fr-core-2: a validated identity has exactly one official identifier."""
    return not _is_validated(patient) or len(list(_official(patient))) == 1


def _validated_was_born_somewhere(patient: Json) -> bool:
    """fr-core-3: the place of birth of a validated identity is known."""
    return not _is_validated(patient) or not any(
        _object(insee.get("valueCoding")).get("code") == _UNKNOWN_PLACE
        for place in _extensions(patient, _BIRTH_PLACE)
        for insee in _extensions(_object(place.get("valueAddress")), _INSEE)
    )


def _official(patient: Json) -> Iterator[Json]:
    return (item for item in _objects(patient.get("identifier")) if item.get("use") == "official")


def _measured_to_the_day(observation: Json) -> bool:
    """vs-1: the day of the measure is given."""
    effective = observation.get("effectiveDateTime")
    return not isinstance(effective, str) or len(effective) >= _DAY


def _has_value_or_parts(observation: Json) -> bool:
    """vs-2: a value, the reason why there is none, components or members."""
    return any(name in observation for name in ("component", "hasMember")) or _has_value(observation)


def _components_have_values(observation: Json) -> bool:
    """vs-3: each component has a value or the reason why there is none."""
    return all(_has_value(component) for component in _objects(observation.get("component")))


def _has_value(element: Json) -> bool:
    return "dataAbsentReason" in element or any(name.startswith(("value", "_value")) for name in element)


def _is_typed(extension: str, code: str) -> Callable[[Json], bool]:
    """A Location with the extension is of that type (the URL is the one of FR Core 1: it never fires)."""
    url = f"http://fhir.fr/StructureDefinition/{extension}"

    def holds(location: Json) -> bool:
        codings = (c for type_ in _objects(location.get("type")) for c in _objects(type_.get("coding")))
        return not any(_extensions(location, url)) or any(c.get("code") == code for c in codings)

    return holds


def _extensions(element: Json, url: str) -> Iterator[Json]:
    return (item for item in _objects(element.get("extension")) if item.get("url") == url)


def _objects(value: Any) -> Iterator[Json]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


HOLDS: Mapping[str, tuple[str, Callable[[Json], bool]]] = {
    "fr-core-1": ("994574dc0782", _validated_has_ins),
    "fr-core-2": ("b418d4d33bf2", _validated_has_one_official),
    "fr-core-3": ("32bea8297c18", _validated_was_born_somewhere),
    "inv-location-type-chambre": (
        "0eb35543d545",
        _is_typed("fr-core-location-type-chambre", "CHAMB"),
    ),
    "inv-location-type-lit": (
        "05e31d48cc77",
        _is_typed("fr-core-location-position-lit", "LIT"),
    ),
    "vs-1": ("e23e5c2d64bb", _measured_to_the_day),
    "vs-2": ("1b029a4f9911", _has_value_or_parts),
    "vs-3": ("505907fee817", _components_have_values),
}
