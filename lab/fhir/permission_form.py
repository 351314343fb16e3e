"""Write a FHIR Permission (R5 form) of the kind that the laboratory compiles.

Spec: https://hl7.org/fhir/R5/permission.html
"""

from collections.abc import Mapping
from typing import Any

from lab.fhir.permission import LIMIT, NETWORK
from lab.fhir.permission.activities import ACTIONS, PURPOSES


def permission(
    client_id: str,
    opened: Mapping[str, tuple[str, ...]],
    actions: tuple[str, ...],
    masked: tuple[str, ...] = (),
    networks: tuple[str, ...] = ("127.0.0.1/32",),
) -> dict[str, Any]:
    """Return a Permission (R5) that opens each type, confined to its Groups, from the networks (CIDR)."""
    limits = [{"url": "path" if ".where(" in path else "element", "valueString": path} for path in masked]
    network = {"url": NETWORK, "extension": [{"url": "cidr", "valueString": one} for one in networks]}
    return {
        "resourceType": "Permission",
        "id": f"{client_id}-permission",
        "status": "active",
        "combining": "deny-unless-permit",
        "rule": [
            {
                "type": "permit",
                "modifierExtension": [network, *([{"url": LIMIT, "extension": limits}] if limits else [])],
                "data": [one for type_, groups in opened.items() for one in _data(type_, groups)],
                "activity": [_activity(client_id, action) for action in actions],
            }
        ],
    }


def _activity(client_id: str, action: str) -> dict[str, Any]:
    """Return one activity for each action, as what stands in one of them is all to hold."""
    return {
        "actor": [{"reference": f"Device/{client_id}"}],
        "action": [{"coding": [{"system": ACTIONS, "code": action}]}],
        "purpose": [{"coding": [{"system": PURPOSES, "code": "TREAT"}]}],
    }


def _data(type_: str, groups: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return one selection for each Group, as what stands in one of them is all to hold."""
    whole = {"expression": {"language": "application/x-fhir-query", "expression": type_}}
    related = ({"meaning": "related", "reference": {"reference": f"Group/{group}"}} for group in groups)
    return [{**whole, "resource": [one]} for one in related] or [whole]
