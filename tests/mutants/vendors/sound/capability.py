"""What the server declares: from the tables that it runs on.

Spec: https://hl7.org/fhir/R4/capabilitystatement.html
"""

from tests.mutants.vendors.sound.message import Json
from tests.mutants.vendors.sound.parameters import PARAMETERS

_INTERACTIONS = (
    *("read", "vread", "history-instance", "history-type", "search-type"),
    *("create", "update", "patch", "delete"),
)
_KINDS = {"contact": "token"}
_BULK = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition"
_EVERYTHING = "http://hl7.org/fhir/OperationDefinition/Patient-everything"
_OPERATIONS = {
    "Patient": [
        {"name": "everything", "definition": _EVERYTHING},
        {"name": "export", "definition": f"{_BULK}/patient-export"},
    ],
    "Group": [{"name": "export", "definition": f"{_BULK}/group-export"}],
}


def statement(base: str, hidden: frozenset[tuple[str, str]]) -> Json:
    """Return the CapabilityStatement, without the parameters (type, name) that are hidden from the caller."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-01-01",
        "kind": "instance",
        "software": {"name": "Sound vendor", "version": "1"},
        "implementation": {"description": "Sound vendor", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [
            {
                "mode": "server",
                "security": {"service": [{"text": "SMART-on-FHIR"}]},
                "resource": [_resource(type_, hidden) for type_ in PARAMETERS],
                "interaction": [{"code": "transaction"}, {"code": "batch"}],
                "operation": [{"name": "export", "definition": f"{_BULK}/export"}],
            }
        ],
    }


def _resource(type_: str, hidden: frozenset[tuple[str, str]]) -> Json:
    includes = [f"{type_}:{name}" for name, p in PARAMETERS[type_].items() if p.kind == "reference"]
    return {
        "type": type_,
        "interaction": [{"code": code} for code in _INTERACTIONS],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
        **({"searchInclude": includes} if includes else {}),
        "searchParam": [
            {"name": name, "type": _KINDS.get(p.kind, p.kind)}
            for name, p in PARAMETERS[type_].items()
            if (type_, name) not in hidden
        ],
        **({"operation": _OPERATIONS[type_]} if type_ in _OPERATIONS else {}),
    }


def smart(origin: str) -> Json:
    """Return the SMART configuration."""
    return {
        "token_endpoint": f"{origin}/token",
        "introspection_endpoint": f"{origin}/introspect",
        "revocation_endpoint": f"{origin}/revoke",
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES384", "RS384"],
        "scopes_supported": ["system/*.cruds"],
        "capabilities": ["client-confidential-asymmetric", "permission-v2"],
    }
