"""The token of the application at the hospital is worth nothing once it was revoked.

Specs: RFC 7009 (revocation), OWASP ASVS 5.0 8.3.2; five-levels reference, L2-22 and P8.
"""

import time
from urllib.parse import urlencode

from lab.api import CLIENT, HIGH, Expect, FhirClient, Outgoing, Reply, SmartEndpoint, Text, Truth, probe
from lab.checks.security.grant_terms import grant_terms

_OK, _UNAUTHORIZED = 200, 401
_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_TRIES, _PAUSE_S = 10, 0.5
"""Five seconds: what promise P8 leaves to a revocation."""


@probe(
    "L2-22-C",
    level=2,
    severity=HIGH,
    role=CLIENT,
    requirements=("five-levels@L2-22",),
    title=Text(fr="Jeton révoqué", en="Revoked or disabled client"),
    failure=Text(
        fr="Un jeton révoqué sert encore plus de cinq secondes après.",
        en="A revoked token still works more than five seconds later.",
    ),
    remedy=Text(
        fr="Chercher le jeton à chaque requête parmi ceux en vigueur, ou ne garder cette réponse que cinq "
        "secondes.",
        en="Look the token up at each request among those in force, or keep that answer for five seconds "
        "only.",
    ),
)
def revoked_token(grant: FhirClient, smart: SmartEndpoint, truth: Truth, expect: Expect) -> None:
    """Take a token, use it, revoke it as RFC 7009 says, and use it again."""
    type_ = grant_terms(truth, expect).readable[0]
    issued = smart.ask()
    token = issued.json.get("access_token") if isinstance(issued.json, dict) else None
    header = {"Authorization": f"Bearer {token}"}
    before = _use(grant, type_, header)
    address = _revocation(grant, smart)
    if not isinstance(token, str) or before.status != _OK or not address:
        expect.name(issued, before)
        expect.skip(
            "Il n'y a pas de jeton en usage à révoquer, ou pas d'adresse de révocation.",
            "There is no token in use to revoke, or no address of revocation.",
        )
    expect.status(_revoke(smart, address, token), _OK)
    after = _use(grant, type_, header)
    for _ in range(_TRIES):
        if after.status == _UNAUTHORIZED:
            return
        time.sleep(_PAUSE_S)
        after = _use(grant, type_, header)
    expect.status(after, _UNAUTHORIZED)


def _use(grant: FhirClient, type_: str, header: dict[str, str]) -> Reply:
    return grant.get(type_, {"_count": 1}, headers=header)


def _revocation(grant: FhirClient, smart: SmartEndpoint) -> str:
    """Return the revocation endpoint, which is believed on the host of the token endpoint only."""
    said = grant.get(".well-known/smart-configuration", headers={"Accept": "application/json"}).json
    address = said.get("revocation_endpoint") if isinstance(said, dict) else None
    origin = smart.token_url.rpartition("/")[0]
    return address if isinstance(address, str) and address.startswith(f"{origin}/") else ""


def _revoke(smart: SmartEndpoint, address: str, token: str) -> Reply:
    form = {
        "token": token,
        "client_assertion_type": _BEARER,
        "client_assertion": smart.assertion({"aud": address}),
    }
    headers = (("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"))
    return smart.wire.send(Outgoing("POST", address, headers, urlencode(form).encode()))
