"""The endpoints that an application publishes beside its token endpoint, asked only where they are its own.

Specs: https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html, RFC 7009 (revocation), RFC 7662
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from lab.api import Expect, FhirClient, Outgoing, Reply, SmartEndpoint, status_of
from lab.checks.address import resolved, same_origin

_CONFIGURATION = ".well-known/smart-configuration"
_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_FORM = (("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"))


def smart_configuration(fhir: FhirClient, expect: Expect) -> Mapping[str, Any]:
    """Return the published configuration; skips when it cannot be read, a 404 publishes nothing."""
    reply = fhir.get(_CONFIGURATION, headers={"Accept": "application/json", "Authorization": ""})
    expect.name(reply)
    if reply.status == 404:
        return {}
    if reply.status != 200 or not isinstance(reply.json, dict):
        expect.skip(
            f"La configuration SMART n'est pas lisible ({status_of(reply)}).",
            f"The SMART configuration cannot be read ({status_of(reply)}).",
        )
    return reply.json


def published(name: str, fhir: FhirClient, endpoint: SmartEndpoint, expect: Expect) -> str:
    """Return the address of a published endpoint; omits when none is, skips when it is somebody else's."""
    said = smart_configuration(fhir, expect).get(name)
    if not isinstance(said, str) or not said:
        expect.omit(
            f"La configuration SMART publiée ne contient pas {name}.",
            f"The published SMART configuration holds no {name}.",
        )
    url = resolved(endpoint.token_url, said)
    if not any(same_origin(own, url) for own in (endpoint.token_url, fhir.base_url)):
        expect.skip(
            f"{name} mène à une autre adresse que celle de l'application : aucun jeton n'y est envoyé.",
            f"{name} leads to another address than the application's: no token is sent there.",
        )
    return url


def posted(endpoint: SmartEndpoint, url: str, **fields: str) -> Reply:
    """POST a form without saying who asks."""
    return endpoint.wire.send(Outgoing("POST", url, _FORM, urlencode(fields).encode()))


def posted_as_client(endpoint: SmartEndpoint, url: str, **fields: str) -> Reply:
    """POST a form with an assertion for the token endpoint, or else for this one: both are allowed."""
    reply = Reply("", 0)
    for audience in dict.fromkeys((endpoint.token_url, url)):
        proof = endpoint.assertion({"aud": audience})
        reply = posted(endpoint, url, client_assertion_type=_TYPE, client_assertion=proof, **fields)
        if reply.status not in {400, 401}:
            return reply
    return reply
