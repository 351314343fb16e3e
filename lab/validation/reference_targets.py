"""Say in JSON Schema which types of resource a Reference of a profile may name.

Spec: https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.type.targetProfile
"""

from collections.abc import Iterable
from typing import Any

from lab.validation import base
from lab.validation.guide import Guide
from lab.validation.snapshot import Node

Json = dict[str, Any]

_ID = r"[A-Za-z0-9\-.]{1,64}"


def targets(node: Node, canonicals: Iterable[str], guide: Guide) -> Json:
    """Return the schema of a Reference; ``{}`` when the base definition says as much, or nothing is known.

    Whether the resource that is referred to follows the target profile is not looked at.
    """
    types = [guide.type_of(canonical) for canonical in canonicals]
    names = {type_ for type_ in types if type_}
    if not names or None in types or "Resource" in names:
        return {}
    of_r4 = base.definition_of(node.element.get("base", {}).get("path", "")).partition("-to-")[2]
    if of_r4 and set(of_r4.split("-")) <= names:
        return {}
    any_type, wanted = _named(base.resource_types()), _named(sorted(names))
    return {"properties": {"reference": {"if": {"pattern": any_type}, "then": {"pattern": wanted}}}}


def _named(types: Iterable[str]) -> str:
    return rf"(^|/)({'|'.join(types)})(/{_ID}(/_history/{_ID})?|\?\S+)$"
