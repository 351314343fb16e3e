"""SRV-SMT-02: the token that a right assertion gets.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html#issue-access-token
"""

from lab.api import SHALL, Expect, FhirClient, SmartEndpoint, Text, check, status_of
from lab.checks.security.token_answer import TOO_MANY, answer, token_of
from lab.checks.wording import quoted

OK, ADVISED_S = 200, 300
CONFIGURATION, ALGORITHMS, OURS = (
    ".well-known/smart-configuration",
    "token_endpoint_auth_signing_alg_values_supported",
    "ES384",
)


@check(
    "SRV-SMT-02",
    expectation=SHALL,
    requirements=tuple(f"smart-server-2.2.0@{row}" for row in (254, 255, 256, 257, 258, 262, 310)),
    title=Text(fr="Jeton émis pour un service", en="Backend token issued"),
    failure=Text(
        fr="Une assertion juste, signée ES384, n'obtient pas de jeton bearer avec sa durée et ses portées.",
        en="A right assertion, signed ES384, does not get a bearer token with its lifetime and its scopes.",
    ),
    remedy=Text(
        fr="Répondre 200 en JSON avec access_token, token_type bearer, expires_in (300 s au plus "
        "conseillées) et scope.",
        en="Answer 200 in JSON with access_token, token_type bearer, expires_in (300 s at most advised) and "
        "scope.",
    ),
)
def backend_token(endpoint: SmartEndpoint, anonymous: FhirClient, expect: Expect) -> None:
    """Ask for one token with a right assertion, and read what comes with it.

    The guide asks for one of RS384 and ES384: nothing is shown of a server that announces RS384 alone.
    """
    reply = endpoint.ask()
    if reply.status == TOO_MANY:
        expect.name(reply)
        expect.skip(
            f"Le serveur de jetons limite les essais (HTTP {TOO_MANY}).",
            f"The token endpoint limits attempts (HTTP {TOO_MANY}).",
        )
    if reply.status != OK and _other_algorithms(anonymous, expect):
        expect.name(reply)
        expect.skip(
            f"Le serveur n'annonce pas {OURS} : le laboratoire ne signe qu'ainsi.",
            f"The server does not announce {OURS}: the laboratory signs by no other algorithm.",
        )
    expect.that(
        reply.status == OK and bool(token_of(reply)),
        expected="HTTP 200 with an access_token",
        seen=status_of(reply),
        evidence=[reply],
    )
    said = answer(reply)
    kind = said.get("token_type")
    expect.that(
        isinstance(kind, str) and kind.lower() == "bearer",
        expected="token_type bearer",
        seen=quoted(kind),
        evidence=[reply],
    )
    lifetime = said.get("expires_in")
    whole = isinstance(lifetime, int) and not isinstance(lifetime, bool) and lifetime > 0
    expect.that(whole, expected="expires_in in seconds", seen=quoted(lifetime), evidence=[reply])
    expect.should(
        isinstance(lifetime, int) and lifetime <= ADVISED_S,
        expected=f"expires_in of {ADVISED_S} at most",
        seen=quoted(lifetime),
        evidence=[reply],
    )
    scopes = said.get("scope")
    expect.that(
        isinstance(scopes, str) and bool(scopes.strip()),
        expected="the scopes granted",
        seen=quoted(scopes),
        evidence=[reply],
    )


def _other_algorithms(anonymous: FhirClient, expect: Expect) -> bool:
    """Tell whether the SMART configuration announces algorithms, and ours is not one of them."""
    published = anonymous.get(CONFIGURATION)
    expect.name(published)
    said = published.json.get(ALGORITHMS) if isinstance(published.json, dict) else None
    return isinstance(said, list) and bool(said) and OURS not in said
