"""The SMART configuration that applications discover the token endpoint from.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html#using-well-known
"""

import orjson

from lab.authserver.assertion import ALGORITHMS
from lab.fhir.response import FhirResponse


def smart_configuration(token_url: str, introspection_url: str) -> FhirResponse:
    """Return the answer to ``.well-known/smart-configuration``."""
    document = {
        "token_endpoint": token_url,
        "introspection_endpoint": introspection_url,
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "scopes_supported": ["system/*.cruds"],
        "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
        "code_challenge_methods_supported": ["S256"],
    }
    return FhirResponse(200, orjson.dumps(document), (("content-type", "application/json"),))
