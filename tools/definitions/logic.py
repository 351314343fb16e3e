"""The connectives of JSON Schema under the names they have in a sentence."""

from typing import Any

Schema = dict[str, Any]


def either(*schemas: Schema) -> Schema:
    """At least one holds."""
    return {"anyOf": list(schemas)}


def both(*schemas: Schema) -> Schema:
    """All hold."""
    return {"allOf": list(schemas)}


def one_of(*schemas: Schema) -> Schema:
    """Exactly one holds."""
    return {"oneOf": list(schemas)}


def absent(schema: Schema) -> Schema:
    """It does not hold."""
    return {"not": schema}


def not_both(*schemas: Schema) -> Schema:
    """They do not hold together."""
    return absent(both(*schemas))


def implies(condition: Schema, consequence: Schema) -> Schema:
    """When the first holds, so does the second."""
    return {"if": condition, "then": consequence}


def same(left: Schema, right: Schema) -> Schema:
    """Both hold or neither does."""
    return {"if": left, "then": right, "else": absent(right)}


def child(name: str, schema: Schema) -> Schema:
    """When the element is there, its value is of the schema."""
    return {"properties": {name: schema}}


def items(name: str, schema: Schema) -> Schema:
    """When the repeating element is there, each of its items is of the schema."""
    return child(name, {"items": schema})


def forbidden(*names: str) -> Schema:
    """None of the elements is there."""
    return {"properties": dict.fromkeys(names, False)}


def is_in(name: str, *values: str | bool) -> Schema:
    """The element is there and has one of the values."""
    return {"required": [name], **child(name, {"enum": list(values)})}


def coded(name: str, system: str, *codes: str) -> Schema:
    """The CodeableConcept is there and one of its codings is one of the codes of the system."""
    coding = {
        "required": ["system", "code"],
        "properties": {"system": {"const": system}, "code": {"enum": list(codes)}},
    }
    return {
        "required": [name],
        **child(name, {"required": ["coding"], **child("coding", {"contains": coding})}),
    }
