"""The SMART configuration that applications discover the token endpoint from: what is offered, nothing else.

Specs: https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html#using-well-known, RFC 8414 section 2,
RFC 8705 section 3.3
"""

import orjson

from lab.authserver.assertion import ALGORITHMS
from lab.fhir.response import FhirResponse

_METHODS = ["private_key_jwt"]


def smart_configuration(
    token_url: str, introspection_url: str, *, revocation_url: str = "", mutual_tls: bool = False
) -> FhirResponse:
    """Return the answer to ``.well-known/smart-configuration``.

    ``code_challenge_methods_supported`` is there because SMART demands it of every server; no grant uses it.
    """
    document = {
        "token_endpoint": token_url,
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": _METHODS,
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "introspection_endpoint": introspection_url,
        "introspection_endpoint_auth_methods_supported": _METHODS,
        "introspection_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "scopes_supported": ["system/*.cruds"],
        "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
        "code_challenge_methods_supported": ["S256"],
        "tls_client_certificate_bound_access_tokens": mutual_tls,
    }
    if revocation_url:
        document |= {
            "revocation_endpoint": revocation_url,
            "revocation_endpoint_auth_methods_supported": _METHODS,
            "revocation_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        }
    return FhirResponse(200, orjson.dumps(document), (("content-type", "application/json"),))
