"""Find the rule that a place in a generated JSON Schema stands for.

Spec: https://json-schema.org/draft/2020-12/json-schema-core#name-unknown-keywords
"""

from collections.abc import Iterable
from typing import Any


def named_rule(schema: Any, schema_path: Iterable[str | int]) -> tuple[str | None, str | None]:
    """Return the innermost ``rule`` on the way to the failing keyword and the ``element`` it is about."""
    rule = element = None
    node = schema
    for step in schema_path:
        node = node[step]
        if isinstance(node, dict) and isinstance(node.get("rule"), str):
            rule, element = node["rule"], node.get("element")
    return rule, element


def instance_path(root: str, steps: Iterable[str | int]) -> str:
    """Return the place in a resource as it is written in FHIRPath: ``Patient.name[0].family``."""
    path = root + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return path.removeprefix(".")
