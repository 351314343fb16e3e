"""Check a resource, a data type or an extension against a compiled profile.

Spec: https://hl7.org/fhir/R4/profiling.html
"""

import gzip
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs
import orjson

from lab.validation.ig import Library
from lab.validation.named_rule import instance_path, named_rule
from lab.validation.profiles import Invariant, Profile, compile_profiles
from lab.validation.report import Finding, NotChecked

Json = dict[str, Any]

# The packages whose content is at hand without loading them.
SHIPPED = frozenset({("hl7.fhir.r4.core", "4.0.1"), ("hl7.fhir.fr.core", "2.2.0")})
_ARTEFACT = "data/fr-core-2.2.0.json.gz"
_UNNAMED = {"falseSchema": "forbidden"}


class Overlay:
    """Compiled profiles side by side; a validator is made when its profile is first used."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self.profiles = tuple(profiles)
        self._by_canonical: dict[str, Profile] = {}
        for profile in self.profiles:
            self._by_canonical[profile.url] = profile
            self._by_canonical[profile.canonical] = profile
        self._definitions = {profile.name: profile.schema for profile in self.profiles}
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}
        self._left_out: dict[str, tuple[NotChecked, ...]] = {}

    def find(self, canonical: str) -> Profile | None:
        """Return the profile of a canonical; without a version, the one that was loaded last."""
        return self._by_canonical.get(canonical)

    def extension(self, url: str) -> Profile | None:
        """Return the profile that defines an extension."""
        profile = self._by_canonical.get(url)
        return profile if profile and profile.type == "Extension" else None

    def findings(self, profile: Profile, instance: Json, path: str) -> Iterator[Finding]:
        """Yield what an instance at some path has against a profile."""
        for error in self._validator(profile).iter_errors(instance):
            rule, element = named_rule({"$defs": self._definitions}, error.schema_path)
            keyword = error.kind.name
            place = instance_path(path, error.instance_path)
            if rule == "required" and element:  # the place of what is missing, as the base check gives it
                place = f"{place}.{element.rpartition('.')[2].partition(':')[0]}"
            yield Finding(
                path=place,
                rule=rule or _UNNAMED.get(keyword, keyword),
                source=profile.canonical,
                element=element or "",
            )

    def left_out(self, profile: Profile) -> tuple[NotChecked, ...]:
        """Return what neither a profile nor those it refers to could say as a schema."""
        if profile.name not in self._left_out:
            names = _referred(profile.name, self._definitions)
            self._left_out[profile.name] = tuple(
                left_out for other in self.profiles if other.name in names for left_out in other.not_checked
            )
        return self._left_out[profile.name]

    def extended(self, library: Library) -> "Overlay":
        """Return these profiles and those of some packages."""
        compiled = compile_profiles(library, known=self.profiles)
        new = (profile for profile in compiled if profile.canonical not in self._by_canonical)
        return Overlay((*self.profiles, *new))

    def _schema(self, profile: Profile) -> Json:
        """Return a profile with those it refers to: the others would only cost time."""
        names = sorted(_referred(profile.name, self._definitions))
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$ref": f"#/$defs/{profile.name}",
            "$defs": {name: self._definitions[name] for name in names},
        }

    def _validator(self, profile: Profile) -> jsonschema_rs.Draft202012Validator:
        if profile.name not in self._validators:
            self._validators[profile.name] = jsonschema_rs.Draft202012Validator(
                self._schema(profile), mask="***", pattern_options=jsonschema_rs.RegexOptions()
            )
        return self._validators[profile.name]


def _referred(name: str, definitions: Json) -> set[str]:
    """Return the names of a definition and of those it refers to, directly or not."""
    found: set[str] = set()
    stack: list[Any] = [{"$ref": f"#/$defs/{name}"}]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            target = str(node.get("$ref", "")).removeprefix("#/$defs/")
            if target and target not in found:
                found.add(target)
                stack.append(definitions[target])
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    return found


@cache
def fr_core() -> Overlay:
    """Return the profiles of FR Core 2.2.0, which ship with the laboratory."""
    document = orjson.loads(gzip.decompress(files("lab.validation").joinpath(_ARTEFACT).read_bytes()))
    return Overlay(unpacked(document))


def packed(profiles: Iterable[Profile]) -> list[Json]:
    """Return profiles as JSON."""
    return [
        {
            "url": profile.url,
            "version": profile.version,
            "type": profile.type,
            "schema": profile.schema,
            "invariants": [[i.key, i.severity, i.element, i.expression] for i in profile.invariants],
            "notChecked": [[n.kind, n.where, n.reason, n.detail] for n in profile.not_checked],
        }
        for profile in profiles
    ]


def unpacked(document: Json) -> Iterator[Profile]:
    """Yield the profiles of a document made by ``packed``."""
    for entry in document["profiles"]:
        yield Profile(
            entry["url"],
            entry["version"],
            entry["type"],
            entry["schema"],
            tuple(Invariant(*invariant) for invariant in entry["invariants"]),
            tuple(NotChecked(*left_out) for left_out in entry["notChecked"]),
        )
