"""Say in JSON Schema that the code of a required binding comes from its ValueSet.

Spec: https://hl7.org/fhir/R4/terminologies.html#required
"""

from lab.validation.value_sets import Expansion, NotExpandableError, expand
from tools.definitions.logic import Schema, both, child, either, is_in

__all__ = ["Expansion", "NotExpandableError", "bound", "expand"]


def bound(type_: str, expansion: Expansion) -> Schema:
    """Return the schema of an element of type code, Coding or CodeableConcept with a required binding.

    A concept that holds only text passes: there is no code to look up.
    """
    if type_ == "code":
        return {"type": "string", "enum": sorted(frozenset().union(*expansion.values()))}
    listed = either(
        *(
            both(is_in("system", system), is_in("code", *sorted(codes)))
            for system, codes in sorted(expansion.items())
        )
    )
    if type_ == "Coding":
        return {"$ref": "#/$defs/Coding", "allOf": [{"rule": "binding", **listed}]}
    return {"$ref": "#/$defs/CodeableConcept", **child("coding", {"rule": "binding", "contains": listed})}
