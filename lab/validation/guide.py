"""What the compiler of a profile may look up: the other profiles at hand and the codes of ValueSets.

Spec: https://hl7.org/fhir/R4/references.html#canonical
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.validation import base
from lab.validation.value_sets import coded, expand

Json = dict[str, Any]

_R4_TYPE = re.compile(r"http://hl7\.org/fhir/StructureDefinition/([A-Za-z]+)(\|4\.0\.\d+)?")


@dataclass(frozen=True)
class Known:
    """A profile that can be referred to: the name of its schema definition and the type it is about."""

    name: str
    type: str


@dataclass(frozen=True)
class Guide:
    """Profiles, ValueSets and CodeSystems by canonical: ``url|version`` and ``url``."""

    known: Mapping[str, Known]
    value_sets: Mapping[str, Json]
    code_systems: Mapping[str, Json]

    def reference(self, canonical: str) -> Json | None:
        """Return the schema that stands for a profile, None when it is not at hand.

        A type of R4 itself adds nothing to what the base schema checks, but for SimpleQuantity.
        """
        r4 = r4_type(canonical)
        if r4 is not None:
            return {"properties": {"comparator": False}} if r4 == "SimpleQuantity" else {}
        known = self.known.get(canonical)
        return {"$ref": f"#/$defs/{known.name}"} if known else None

    def type_of(self, canonical: str) -> str | None:
        """Return the type of resource that a target profile is about, None when it is not known."""
        known = self.known.get(canonical)
        return known.type if known else r4_type(canonical)

    def codes(self, type_: str, value_set: str) -> Json:
        """Return the schema of a value of that type whose code must be in the ValueSet.

        Raises:
            NotExpandableError: its codes cannot be listed.
        """
        of_r4 = base.binding(type_, value_set)
        return (
            of_r4
            if of_r4 is not None
            else coded(type_, expand(value_set, self.value_sets, self.code_systems))
        )


def r4_type(canonical: str) -> str | None:
    """Return the name of the type of R4 that a canonical names, None when it names something else."""
    match = _R4_TYPE.fullmatch(canonical)
    name = match[1] if match else ""
    return name if name[:1].isupper() else None


def definition_name(url: str, version: str) -> str:
    """Return a name for a profile that needs no escape in a JSON pointer."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", f"{url}-{version}")
