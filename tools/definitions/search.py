"""Trim the SearchParameters and the compartments of a release to what a server needs.

Spec: https://hl7.org/fhir/R4/search.html and https://hl7.org/fhir/R4/compartmentdefinition-patient.html
"""

import re
from collections.abc import Iterable
from typing import Any

from tools.definitions.source import Json, Source

_ABSTRACT = ("Resource", "DomainResource")
_ITSELF = "{def}"
"""What a compartment says of the resource that it is named after, in place of a parameter."""


def parameters(source: Source, types: Iterable[str]) -> Json:
    """Return ``{base type: {code: {type, expression, target, component}}}``, with its origin as ``source``.

    The parameters of the abstract types (``_id``, ``_lastUpdated``…) stand under ``Resource`` and
    ``DomainResource``. An expression holds only the paths of its base type; a parameter defined without
    one (``_content``, ``_text``, ``_query``) has none. ``component`` lists code and expression of the parts
    of a composite parameter; the code is empty when the release has no parameter of that name.
    """
    code_of = {p["url"]: p["code"] for p in source.search_parameters}
    found: Json = {base: {} for base in (*_ABSTRACT, *types)}
    for parameter in source.search_parameters:
        for base in found.keys() & set(parameter["base"]):
            found[base][parameter["code"]] = _trimmed(parameter, base, code_of)
    return {"source": dict(source.origin), **found}


def compartment(source: Source, type_: str) -> Json:
    """Return ``{type: [codes]}``: the parameters that put a resource into the compartment of another.

    Types that are never in it are not there, nor is the type that the compartment is named after, unless a
    parameter leads there: its resources are in their own compartment by their id.
    """
    led = {
        member["code"]: [code for code in member.get("param", ()) if code != _ITSELF]
        for member in source.compartments[type_]["resource"]
    }
    return {"source": dict(source.origin), **{member: codes for member, codes in led.items() if codes}}


def _trimmed(parameter: Json, base: str, code_of: dict[str, str]) -> dict[str, Any]:
    trimmed: dict[str, Any] = {"type": parameter["type"]}
    if "expression" in parameter:
        trimmed["expression"] = _of_base(parameter["expression"], base)
    if "target" in parameter:
        trimmed["target"] = sorted(parameter["target"])
    if "component" in parameter:
        trimmed["component"] = [
            {"code": code_of.get(part["definition"], ""), "expression": part["expression"]}
            for part in parameter["component"]
        ]
    return trimmed


def _of_base(expression: str, base: str) -> str:
    """Keep the alternatives of an expression that start at the base type.

    Raises:
        ValueError: none of them does.
    """
    paths = [path.strip() for path in expression.split("|")]
    kept = [path for path in paths if re.match(rf"\(*{base}\b", path)]
    if not kept:
        raise ValueError(f"No path of {expression} starts at {base}.")
    return " | ".join(kept)
