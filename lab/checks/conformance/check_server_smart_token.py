"""SRV-SMT-02: the token that a right assertion gets, signed by either algorithm of the guide.

Specs: https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html#issue-access-token,
https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html, RFC 8414 section 2
"""

from lab.api import SHALL, Expect, FhirClient, Reply, SmartEndpoint, Text, check, status_of
from lab.checks.security.token_answer import TOO_MANY, answer, token_of
from lab.checks.wording import quoted

OK, ADVISED_S = 200, 300
CONFIGURATION, ALGORITHMS = (
    ".well-known/smart-configuration",
    "token_endpoint_auth_signing_alg_values_supported",
)


@check(
    "SRV-SMT-02",
    expectation=SHALL,
    requirements=(
        *(f"smart-server-2.2.0@{row}" for row in (254, 255, 256, 257, 258, 262, 310)),
        "laboratory@announced-algorithms",
    ),
    title=Text(fr="Jeton émis pour un service", en="Backend token issued"),
    failure=Text(
        fr="Une assertion juste, signée ES384 ou RS384, n'obtient pas de jeton bearer avec sa durée et ses "
        "portées.",
        en="A right assertion, signed ES384 or RS384, does not get a bearer token with its lifetime and its "
        "scopes.",
    ),
    remedy=Text(
        fr="Répondre 200 en JSON avec access_token, token_type bearer, expires_in (300 s au plus "
        "conseillées) et scope ; n'annoncer que les algorithmes acceptés.",
        en="Answer 200 in JSON with access_token, token_type bearer, expires_in (300 s at most advised) and "
        "scope; announce only the algorithms that are accepted.",
    ),
)
def backend_token(
    endpoint: SmartEndpoint, rsa_endpoint: SmartEndpoint, anonymous: FhirClient, expect: Expect
) -> None:
    """Ask for a token by each algorithm, and read what comes with each one that is given.

    The guide asks for one of ES384 and RS384. That the one announced is accepted is a remark: no sentence of
    it says so.
    """
    announced = _announced(anonymous, expect)
    replies = {one.algorithm: one.ask() for one in (endpoint, rsa_endpoint)}
    if any(reply.status == TOO_MANY for reply in replies.values()):
        expect.name(*replies.values())
        expect.skip(
            f"Le serveur de jetons limite les essais (HTTP {TOO_MANY}).",
            f"The token endpoint limits attempts (HTTP {TOO_MANY}).",
        )
    taken = [name for name, reply in replies.items() if reply.status == OK]
    seen = ", ".join(f"{name}: {status_of(reply)}" for name, reply in replies.items())
    expect.that(
        bool(taken),
        expected="HTTP 200 for an assertion signed ES384 or RS384",
        seen=seen,
        evidence=tuple(replies.values()),
    )
    for name in taken:
        _well_made(replies[name], expect)
    expect.should(
        announced & replies.keys() <= set(taken),
        expected="HTTP 200 for each algorithm that the SMART configuration announces",
        seen=seen,
        evidence=tuple(replies.values()),
    )
    names = ", ".join(taken)
    expect.covered(f"Assertions acceptées : {names}.", f"Assertions accepted: {names}.")


def _well_made(reply: Reply, expect: Expect) -> None:
    """Judge one answer with a token."""
    expect.that(bool(token_of(reply)), expected="an access_token", seen=status_of(reply), evidence=[reply])
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


def _announced(anonymous: FhirClient, expect: Expect) -> frozenset[str]:
    """Return the algorithms that the SMART configuration announces; none when it says nothing readable."""
    published = anonymous.get(CONFIGURATION)
    expect.name(published)
    said = published.json.get(ALGORITHMS) if isinstance(published.json, dict) else None
    return frozenset(one for one in said if isinstance(one, str)) if isinstance(said, list) else frozenset()
