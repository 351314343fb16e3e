"""Say in JSON Schema that a value is a fixed one, or holds what a pattern holds.

The display of a code is never compared: it is for people and comes in every language.

Spec: https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.pattern_x_
"""

from typing import Any

Json = dict[str, Any]

_FOR_PEOPLE = "display"


def fixed(value: Any) -> Json:
    """Return the schema of exactly that value."""
    if isinstance(value, dict):
        properties = {key: True if key == _FOR_PEOPLE else fixed(inner) for key, inner in value.items()}
        required = [key for key in value if key != _FOR_PEOPLE]
        return {"properties": properties, "required": required, "additionalProperties": False}
    if isinstance(value, list):
        return {"prefixItems": [fixed(item) for item in value], "items": False, "minItems": len(value)}
    return {"const": value}


def pattern(value: Any) -> Json:
    """Return the schema of every value that holds at least that one."""
    if isinstance(value, dict):
        compared = {key: inner for key, inner in value.items() if key != _FOR_PEOPLE}
        properties = {key: pattern(inner) for key, inner in compared.items()}
        return {"type": "object", "properties": properties, "required": list(compared)}
    if isinstance(value, list):
        return {"type": "array", "allOf": [{"contains": pattern(item)} for item in value]}
    return {"const": value}
