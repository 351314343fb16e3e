"""Say in JSON Schema what the text of a Reference may look like and which types it may name.

Spec: https://hl7.org/fhir/R4/references.html#literal
"""

from collections.abc import Iterable
from typing import Any

from tools.definitions.primitives import ID


def literal(types: Iterable[str]) -> dict[str, Any]:
    """Return the schema of ``Reference.reference``: fragment, absolute URI, ``Type/id`` or ``Type?query``."""
    forms = (r"#\S*", r"[A-Za-z][A-Za-z0-9+.\-]*:\S+", _named(types))
    return {"type": "string", "allOf": [{"rule": "reference", "pattern": f"^({'|'.join(forms)})$"}]}


def to(targets: Iterable[str], types: Iterable[str]) -> dict[str, Any]:
    """Return the schema of a Reference to some types; a text that names no type of ``types`` passes."""
    condition = {
        "if": {"pattern": f"(^|/)({_named(types)})$"},
        "then": {"rule": "reference", "pattern": f"(^|/)({_named(targets)})$"},
    }
    return {"$ref": "#/$defs/Reference", "properties": {"reference": condition}}


def _named(types: Iterable[str]) -> str:
    return rf"({'|'.join(types)})(/{ID}(/_history/{ID})?|\?\S+)"
