"""A hospital whose token endpoint has moved and refuses every token: it notes where clients go, how often.

Specs: https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html, RFC 6749 section 5.2 (invalid_client)
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lab.certification.rogue_configuration import CONFIGURATION, Place, Visit, handler, serving
from lab.fhirserver.listening import LOOPBACK

ERROR = "invalid_client"
MOVED = "/moved/oauth2/token"


@contextmanager
def refusing_hospital(note: Callable[[Visit], None]) -> Iterator[str]:
    """Listen for the length of the block; yield the origin of the hospital."""
    origin = ""

    def answer(path: str) -> tuple[Place, int, object]:
        if path.endswith(CONFIGURATION):
            return "configuration", 200, _configuration(origin)
        if path == MOVED:
            return "token", 401, {"error": ERROR}
        return "hospital", 401, {"resourceType": "OperationOutcome"}

    with serving(LOOPBACK, handler(note, answer)) as address:
        origin = address
        yield origin


def _configuration(origin: str) -> dict[str, object]:
    return {
        "token_endpoint": f"{origin}{MOVED}",
        "introspection_endpoint": f"{origin}/moved/oauth2/introspect",
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
        "scopes_supported": ["system/*.rs"],
        "capabilities": ["client-confidential-asymmetric", "permission-v2"],
    }
