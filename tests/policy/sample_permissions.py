"""Permissions to begin from, in both published forms, and the published version 1 of Toulouse.

Sources: ``five-levels.md`` sections 3.2 and 3.3; HL7/data-access-policies, ex-finegrained-patient-access.
"""

from copy import deepcopy
from typing import Any

import pytest

from lab.fhir.permission import LIMIT, NETWORK, compile_permission
from lab.fhir.permission.activities import ACTIONS, PURPOSES
from lab.fhir.permission.refusal import PermissionRefusedError

Json = dict[str, Any]

INS = (
    "Patient.identifier.where(system in ('urn:oid:1.2.250.1.213.1.4.8' | 'urn:oid:1.2.250.1.213.1.4.9' | "
    "'urn:oid:1.2.250.1.213.1.4.10' | 'urn:oid:1.2.250.1.213.1.4.11'))"
)
TAGS = "http://example.org/fhir/ValueSet/local-tags"
ONCOLOGY = {"meaning": "related", "reference": {"reference": "Group/oncology"}}
CIDRS = [{"url": "cidr", "valueString": text} for text in ("10.31.0.0/16", "2001:db8:31::/48")]
LOCATION = {
    "resourceType": "Location",
    "id": "reseau-app-x",
    "status": "active",
    "extension": [{"url": NETWORK, "extension": CIDRS}],
}
LIBRARY: dict[str, Json] = {"Location/reseau-app-x": LOCATION}


def compiled(source, library=LIBRARY):
    return compile_permission(source, "app-x", library)


def refusals(source, library=LIBRARY):
    with pytest.raises(PermissionRefusedError) as caught:
        compiled(source, library)
    return {refusal.where: refusal.text for refusal in caught.value.refusals}


def concept(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def tag(code: str) -> Json:
    return {"system": TAGS, "code": code}


def _head(**more: Any) -> Json:
    return {
        "resourceType": "Permission",
        "id": "app-x-oncology-treat",
        "status": "active",
        "asserter": {"reference": "Organization/chu-toulouse"},
        "date": ["2026-01-15"],
        "validity": {"start": "2026-01-15", "end": "2027-01-14"},
        "justification": {
            "basis": [{"text": "RGPD art. 6.1.e"}],
            "evidence": [{"reference": "DocumentReference/convention-app-x"}],
        },
        "combining": "deny-unless-permit",
        **more,
    }


def r5_data(type_: str, **more: Any) -> Json:
    return {"expression": {"language": "application/x-fhir-query", "expression": type_}, **more}


def r6_data(type_: str, **more: Any) -> Json:
    return {"resourceType": [{"system": "http://hl7.org/fhir/fhir-types", "code": type_}], **more}


def r5_activity(code: str = "read", **more: Any) -> Json:
    return {
        "actor": [{"reference": "Device/app-x"}],
        "action": [concept(ACTIONS, code)],
        "purpose": [concept(PURPOSES, "TREAT")],
        **more,
    }


def r6_activity(code: str = "read", **more: Any) -> Json:
    return {
        **r5_activity(code),
        "actor": [{"reference": {"reference": "Device/app-x"}}],
        "location": {"reference": "Location/reseau-app-x"},
        **more,
    }


def r5_rule(**more: Any) -> Json:
    network = {"url": NETWORK, "extension": CIDRS}
    parts = [{"url": "element", "valueString": f"Patient.{name}"} for name in ("address", "telecom")]
    limit = {"url": LIMIT, "extension": [*parts, {"url": "path", "valueString": INS}]}
    return {
        "modifierExtension": [network, limit],
        "type": "permit",
        "data": [r5_data("Patient", resource=[ONCOLOGY]), r5_data("Observation", resource=[ONCOLOGY])],
        "activity": [r5_activity("read"), r5_activity("search-type")],
        **more,
    }


def r6_rule(**more: Any) -> Json:
    limit = {"url": LIMIT, "extension": [{"url": "path", "valueString": INS}]}
    return {
        "type": "permit",
        "data": [r6_data("Patient", resource=[ONCOLOGY]), r6_data("Observation", resource=[ONCOLOGY])],
        "activity": [r6_activity("read"), r6_activity("search-type")],
        "limit": [{"element": ["Patient.address", "Patient.telecom"]}, {"modifierExtension": [limit]}],
        **more,
    }


def r5(*rules: Json, **more: Any) -> Json:
    return deepcopy(_head(rule=list(rules) or [r5_rule()]) | more)


def r6(*rules: Json, **more: Any) -> Json:
    definition = "http://hl7.org/fhir/StructureDefinition/Permission|6.0.0"
    head = _head(resourceDefinition=definition, identifier=[{"system": "urn:x", "value": "app-x-1"}])
    return deepcopy(head | {"rule": list(rules) or [r6_rule()]} | more)


def deny(**more: Any) -> Json:
    return {"type": "deny", **more}


TOULOUSE_V1: Json = {
    "resourceType": "Permission",
    "id": "ex-finegrained-patient-access",
    "status": "active",
    "asserter": {"reference": "Organization/ex-organization"},
    "date": ["2023-11-22"],
    "combining": "permit-unless-deny",
    "rule": [
        {
            "type": "permit",
            "data": [{**r6_data("Patient"), "security": [tag("TAG_1")]}],
            "limit": [{"element": [f"Patient.{name}"]} for name in ("address", "birthDate", "meta")],
        },
        {"type": "deny", "data": [{**r6_data("Patient"), "security": [tag("VIP")]}]},
    ],
}
"""As published, in JSON."""
