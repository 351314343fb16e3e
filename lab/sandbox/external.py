"""The backend of a sandbox before a FHIR server that is not ours."""

from lab.backends.external.address import AddressError, address
from lab.backends.external.backend import ExternalBackend
from lab.sandbox.plan import External, PlanError


def external_backend(server: External, page_key: bytes, token_url: str) -> ExternalBackend:
    """Return it; nothing is sent to the server yet.

    Raises:
        PlanError: the address is none, or not one that this platform speaks to.
    """
    try:
        at = address(server.url, server.headers, hosts=server.hosts, also=server.also)
    except AddressError as error:
        raise PlanError(str(error)) from None
    return ExternalBackend(at, page_key=page_key, security_urls={"token": token_url})
