"""The releases of FHIR that the laboratory has the definitions of.

Spec: https://hl7.org/fhir/versions.html
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Release = Literal["R4", "R5"]

VERSIONS: Mapping[Release, str] = MappingProxyType({"R4": "4.0.1", "R5": "5.0.0"})
"""What a CapabilityStatement and a StructureDefinition call each release."""
