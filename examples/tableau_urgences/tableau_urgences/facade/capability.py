"""What the facade says of itself: CapabilityStatement and SMART configuration, both true to what it does.

Specs: https://hl7.org/fhir/R4/capabilitystatement.html, SMART App Launch 2.2.0 conformance.
"""

from tableau_urgences import VERSION
from tableau_urgences.facade.elements import closed_parameters
from tableau_urgences.facade.search import PARAMETERS, includes_of
from tableau_urgences.fhir import JSON, text

RELEASED = "2024-06-01"
_OAUTH = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_SECURITY = "http://terminology.hl7.org/CodeSystem/restful-security-service"


def capability_statement(base_url: str, token_url: str, masked: frozenset[str]) -> JSON:
    """Return the CapabilityStatement; a consumer is not offered searches on what it is not shown."""
    security: JSON = {"service": [{"coding": [{"system": _SECURITY, "code": "SMART-on-FHIR"}]}]}
    if token_url:
        security["extension"] = [{"url": _OAUTH, "extension": [{"url": "token", "valueUri": token_url}]}]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": RELEASED,
        "publisher": "Exemple Santé",
        "kind": "instance",
        "software": {"name": "Tableau des urgences", "version": VERSION},
        "implementation": {"description": "The emergency department as the board shows it", "url": base_url},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "security": security,
                "resource": [_resource(type_, masked) for type_ in sorted(PARAMETERS)],
            }
        ],
    }


def _resource(type_: str, masked: frozenset[str]) -> JSON:
    closed = closed_parameters(type_, masked)
    includes = list(includes_of(type_))
    return {
        "type": type_,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "versioning": "versioned",
        "readHistory": False,
        "updateCreate": False,
        "conditionalCreate": False,
        "conditionalRead": "full-support",
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
        **({"searchInclude": includes} if includes else {}),
        "searchParam": [
            {"name": name, "type": parameter.kind}
            for name, parameter in sorted(PARAMETERS[type_].items())
            if name not in closed
        ],
    }


def smart_configuration(hospital: JSON) -> JSON:
    """Return our SMART configuration: the tokens that open the facade are those of the hospital."""
    return {
        "token_endpoint": text(hospital, "token_endpoint"),
        "introspection_endpoint": text(hospital, "introspection_endpoint"),
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
        "scopes_supported": [f"system/{type_}.rs" for type_ in sorted(PARAMETERS)],
        "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
        "code_challenge_methods_supported": ["S256"],
    }
