"""Which search parameters put a resource in the compartment of a patient, or of an encounter.

Source: the official CompartmentDefinitions (``lab/fhir/data``, built by ``tools/build_definitions.py``).
Spec: https://hl7.org/fhir/R4/compartmentdefinition-patient.html and
https://hl7.org/fhir/R4/compartmentdefinition-encounter.html
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import orjson

from lab.model.release import Release


@cache
def compartment(type_: str, release: Release = "R4") -> Mapping[str, tuple[str, ...]]:
    """Return, by resource type, the parameters that lead to a Patient or to an Encounter.

    The resource that the compartment is named after belongs to it by its id.
    """
    name = f"{release.lower()}.compartment-{type_.lower()}.json"
    definition: dict[str, list[str]] = orjson.loads((files("lab.fhir") / "data" / name).read_bytes())
    return MappingProxyType(
        {member: tuple(codes) for member, codes in definition.items() if member != "source"}
    )
