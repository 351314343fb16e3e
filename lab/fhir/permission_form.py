"""Write a FHIR Permission (R5 form) of the kind that the laboratory compiles.

Spec: https://hl7.org/fhir/R5/permission.html
"""

from collections.abc import Mapping
from typing import Any

from lab.fhir.permission import LIMIT, NETWORK


def permission(
    client_id: str,
    opened: Mapping[str, tuple[str, ...]],
    actions: tuple[str, ...],
    masked: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return a Permission (R5) that opens each type, confined to its Groups, from the loopback address."""
    limits = [{"url": "element", "valueString": path} for path in masked]
    network = {"url": NETWORK, "extension": [{"url": "cidr", "valueString": "127.0.0.1/32"}]}
    return {
        "resourceType": "Permission",
        "id": f"{client_id}-permission",
        "status": "active",
        "combining": "deny-unless-permit",
        "rule": [
            {
                "type": "permit",
                "modifierExtension": [network, *([{"url": LIMIT, "extension": limits}] if limits else [])],
                "data": [_data(type_, groups) for type_, groups in opened.items()],
                "activity": [
                    {
                        "actor": [{"reference": f"Device/{client_id}"}],
                        "action": [{"coding": [{"code": action}]} for action in actions],
                        "purpose": [{"coding": [{"code": "TREAT"}]}],
                    }
                ],
            }
        ],
    }


def _data(type_: str, groups: tuple[str, ...]) -> dict[str, Any]:
    related = [{"meaning": "related", "reference": {"reference": f"Group/{group}"}} for group in groups]
    expression = {"language": "application/x-fhir-query", "expression": type_}
    return {"expression": expression} | ({"resource": related} if related else {})
