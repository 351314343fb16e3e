"""Say in JSON Schema what the text of a Reference may look like and which types it may name.

Spec: https://hl7.org/fhir/R4/references.html#literal
"""

from collections.abc import Iterable

from tools.definitions.logic import Schema, child, implies
from tools.definitions.primitives import ID


def literal(types: Iterable[str]) -> Schema:
    """Return the schema of ``Reference.reference``: fragment, absolute URI, ``Type/id`` or ``Type?query``."""
    forms = (r"#\S*", r"[A-Za-z][A-Za-z0-9+.\-]*:\S+", _named(types))
    return {"type": "string", "allOf": [{"rule": "reference", "pattern": f"^({'|'.join(forms)})$"}]}


def to(targets: Iterable[str], types: Iterable[str]) -> Schema:
    """Return the schema of a Reference to some types; a text that names no type of ``types`` passes."""
    expected = {"rule": "reference", "pattern": f"(^|/){_named(targets)}$"}
    text = implies({"pattern": f"(^|/){_named(types)}$"}, expected)
    return {"$ref": "#/$defs/Reference", **child("reference", text)}


def _named(types: Iterable[str]) -> str:
    return rf"({'|'.join(types)})(/{ID}(/_history/{ID})?|\?\S+)"
