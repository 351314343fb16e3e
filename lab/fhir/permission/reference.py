"""Read a Reference of a Permission: a literal one, to a resource of this hospital.

Spec: https://hl7.org/fhir/R5/references.html#literal
"""

import re
from collections.abc import Mapping
from typing import Any

from lab.fhir.permission.refusal import refused

_LITERAL = re.compile(r"(?P<type>[A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}")
_CONTAINED = re.compile(r"#[A-Za-z0-9\-.]{1,64}")


def referred(node: Mapping[str, Any], where: str, types: tuple[str, ...], *, contained: bool = False) -> str:
    """Return what a Reference refers to, of one of the types (``Group/oncology``).

    Raises:
        PermissionRefusedError: it is absolute, versioned, logical, or of another type.
    """
    reference: str = node.get("reference", "")
    match = _LITERAL.fullmatch(reference)
    said = node.get("type")
    if match and match["type"] in types and said in {None, match["type"]}:
        return reference
    if contained and _CONTAINED.fullmatch(reference):
        return reference
    if not reference and said is not None:
        raise refused(
            where,
            f"référence sans adresse, qui ne donne que le type {said!r} : le type se dit dans expression "
            "(R5) ou resourceType (R6).",
            f"a reference without an address that gives only the type {said!r}: say the type in expression "
            "(R5) or resourceType (R6).",
        )
    expected = " | ".join(f"{type_}/[id]" for type_ in types)
    raise refused(
        where,
        f"attendu {expected}, vu {reference!r} : corrigez la référence.",
        f"expected {expected}, saw {reference!r}: correct the reference.",
    )
