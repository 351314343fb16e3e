"""Level 2, application: an assertion serves once, and guessing is slowed down without locking others out.

Specs: https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html, RFC 6585 section 4
"""

import time

from lab.api import HIGH, MEDIUM, SERVER, Expect, Reply, SmartEndpoint, Text, probe, status_of
from lab.checks.security.forged import by_stranger, claims_of, forged
from lab.checks.security.token_answer import TOO_MANY, issued, refused, token_of

_RUNNERS, _FEW_RUNNERS = 50, 8
_GUESSES = 100
_PATIENCE_S = 2.0


@probe(
    "L2-15",
    level=2,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L2-15",),
    title=Text(fr="Assertion rejouée", en="jti replay"),
    failure=Text(
        fr="La même assertion obtient deux jetons.",
        en="The same assertion gets two tokens.",
    ),
    remedy=Text(
        fr="Retenir chaque jti, par client, jusqu'à l'expiration de son assertion ; refuser le second.",
        en="Remember every jti, by client, until its assertion expires, and refuse repetitions.",
    ),
)
def replayed(endpoint: SmartEndpoint, expect: Expect) -> None:
    """Send one assertion twice."""
    assertion = endpoint.assertion()
    first = endpoint.ask(assertion=assertion)
    if not token_of(first):
        expect.name(first)
        expect.skip(
            f"La première demande n'obtient pas de jeton ({status_of(first)}).",
            f"The first request gets no token ({status_of(first)}).",
        )
    refused(endpoint.ask(assertion=assertion), expect, "an assertion that was used")


@probe(
    "L2-16",
    level=2,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L2-16",),
    title=Text(fr="Assertion envoyée en parallèle", en="jti race"),
    failure=Text(
        fr="La même assertion, envoyée plusieurs fois en même temps, obtient plusieurs jetons.",
        en="The same assertion, sent several times at once, gets several tokens.",
    ),
    remedy=Text(
        fr="Retenir le jti par une opération atomique (insérer s'il est absent), avant d'émettre le jeton.",
        en="Remember the jti by one atomic operation (insert if absent), before the token is issued.",
    ),
)
def raced(endpoint: SmartEndpoint, spare: SmartEndpoint | None, expect: Expect) -> None:
    """Send one assertion fifty times at once, as a client whose lockout would spoil no other probe.

    Without such a client, eight times.
    """
    runner, count = (spare, _RUNNERS) if spare else (endpoint, _FEW_RUNNERS)
    issued(runner, expect)
    replies = runner.wire.send_at_once([runner.request(assertion=runner.assertion())] * count)
    winners = [reply for reply in replies if token_of(reply)]
    if not winners:
        expect.name(*replies[:_FEW_RUNNERS])
        expect.skip(
            f"Aucune des {count} demandes simultanées n'obtient de jeton.",
            f"None of {count} simultaneous requests gets a token.",
        )
    expect.that(
        len(winners) == 1,
        expected=f"1 token for {count} simultaneous requests",
        seen=f"{len(winners)} tokens",
        evidence=winners[:_FEW_RUNNERS],
    )


@probe(
    "L2-31",
    level=2,
    severity=MEDIUM,
    role=SERVER,
    requirements=("five-levels@L2-31",),
    title=Text(fr="Force brute sur le serveur de jetons", en="Brute force on the token endpoint"),
    failure=Text(
        fr="Cent assertions fausses de suite ne sont pas freinées, ou empêchent un autre client d'entrer.",
        en="A hundred wrong assertions in a row are not slowed down, or keep another client out.",
    ),
    remedy=Text(
        fr="Limiter les échecs par client (429 et Retry-After), sans compter ceux des autres.",
        en="Limit failures by client (429 and Retry-After), without counting those of others.",
    ),
)
def brute_force(endpoint: SmartEndpoint, spare: SmartEndpoint | None, expect: Expect) -> None:
    """Guess in the name of one client until it is limited, then ask rightly as another one."""
    if spare is None:
        expect.skip(
            "Il faut une identité de plus (contact, research ou other, authentication = private_key_jwt) : "
            "celle qui est attaquée peut rester bloquée.",
            "One more identity is needed (contact, research or other, authentication = private_key_jwt): the "
            "attacked one may stay locked out.",
        )
    issued(endpoint, expect)
    reply = _guessed(spare)
    for _ in range(_GUESSES - 1):
        if reply.status == TOO_MANY:
            break
        refused(reply, expect, "signed with an unknown key")
        reply = _guessed(spare)
    expect.that(
        reply.status == TOO_MANY,
        expected=f"HTTP {TOO_MANY} within {_GUESSES} wrong assertions",
        seen=status_of(reply),
        evidence=[reply],
    )
    expect.should(
        reply.header("Retry-After") is not None,
        expected="a Retry-After header (RFC 6585)",
        seen="none",
        evidence=[reply],
    )
    another = endpoint.ask()
    if another.status == TOO_MANY and _soon(another):  # slowed down by address, not locked out
        time.sleep(_soon(another))
        another = endpoint.ask()
    expect.that(
        bool(token_of(another)),
        expected="a token for another client",
        seen=status_of(another),
        evidence=[reply, another],
    )


def _guessed(endpoint: SmartEndpoint) -> Reply:
    header = {"alg": "ES384", "typ": "JWT", "kid": endpoint.kid}
    return endpoint.ask(assertion=forged(header, claims_of(endpoint), by_stranger))


def _soon(reply: Reply) -> float:
    """Return how long the answer bids to wait when it is short, zero when it is not."""
    said = reply.header("Retry-After") or ""
    seconds = float(said) if said.isascii() and said.isdigit() else 0.0
    return seconds if seconds <= _PATIENCE_S else 0.0
