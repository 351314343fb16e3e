"""Level 2, application: a token ends when it was said to, when it is revoked, and is nobody else's business.

Specs: RFC 6749 section 5.1 (expires_in), RFC 7009 (revocation), RFC 7662 (introspection)
"""

import time
from collections.abc import Mapping
from typing import Any

from lab.api import HIGH, MEDIUM, SERVER, Expect, FhirClient, Reply, SmartEndpoint, Text, probe, status_of
from lab.checks.sample import sample
from lab.checks.security.oauth_address import posted, posted_as_client, published
from lab.checks.security.token_answer import answer, issued, token_of

_LONGEST_S, _SHORT_S = 300, 3
_GRACE_S = 0.6
_WAITS_S = (0.0, 1.0, 2.0, 2.0)
"""When a revoked token is tried again: five seconds in all."""


@probe(
    "L2-21",
    level=2,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L2-21",),
    title=Text(fr="Jeton expiré", en="Expired access token"),
    failure=Text(
        fr="Un jeton n'annonce pas sa fin, ou sert encore après elle.",
        en="A token does not announce its end, or still works after it.",
    ),
    remedy=Text(
        fr="Donner à chaque jeton une durée (expires_in, 300 s au plus) et répondre 401 dès qu'elle est "
        "passée. Pour le montrer ici, honorer le champ expires_in de la demande quand il est plus court.",
        en="Give every token a lifetime (expires_in, 300 s at most) and answer 401 as soon as it is over. To "
        "show it here, honour the field expires_in of the request when it is shorter.",
    ),
)
def outlived(restricted: FhirClient, endpoint: SmartEndpoint, expect: Expect) -> None:
    """Use a token after its end: one that lasts few seconds, or of which such a short life can be asked.

    A server that knows no such field ignores it (RFC 6749 section 3.2); its tokens outlive the probe.
    """
    path = f"{sample(restricted, expect).type}?_count=1"
    issued(endpoint, expect)
    reply = endpoint.ask(expires_in="1")
    reply = reply if token_of(reply) else endpoint.ask()
    lifetime = _lifetime(reply)
    expect.that(
        lifetime > 0,
        expected="expires_in, a number of seconds",
        seen=answer(reply).get("expires_in", "none"),
        evidence=[reply],
    )
    expect.should(
        lifetime <= _LONGEST_S,
        expected=f"expires_in of {_LONGEST_S} s at most",
        seen=f"{lifetime:g} s",
        evidence=[reply],
    )
    if lifetime > _SHORT_S:
        expect.skip(
            f"Le jeton vit {lifetime:g} s, trop pour être attendu : sa fin est annoncée, pas montrée.",
            f"The token lives {lifetime:g} s, too long to wait: its end is announced, not shown.",
        )
    token = token_of(reply)
    before = _used(restricted, path, token)
    if before.status != 200:
        expect.name(before)
        expect.skip(
            f"Le jeton de courte durée ne sert pas avant sa fin ({status_of(before)}).",
            f"The short-lived token does not work before its end ({status_of(before)}).",
        )
    time.sleep(lifetime + _GRACE_S)
    expect.status(_used(restricted, path, token), 401)


@probe(
    "L2-22",
    level=2,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L2-22",),
    title=Text(fr="Jeton révoqué", en="Revoked access token"),
    failure=Text(
        fr="Un jeton révoqué sert encore cinq secondes plus tard.",
        en="A revoked token still works five seconds later.",
    ),
    remedy=Text(
        fr="Oublier le jeton dès sa révocation dans tous les processus, sans cache de plus de cinq secondes.",
        en="Forget the token as soon as it is revoked in every process, without a cache of more than five "
        "seconds.",
    ),
)
def revoked(restricted: FhirClient, endpoint: SmartEndpoint, expect: Expect) -> None:
    """Revoke a token that no other probe uses, as its own client, and use it again within five seconds."""
    url = published("revocation_endpoint", restricted, endpoint, expect)
    path = f"{sample(restricted, expect).type}?_count=1"
    token = issued(endpoint, expect)
    before = _used(restricted, path, token)
    reply = posted_as_client(endpoint, url, token=token, token_type_hint="access_token")  # noqa: S106 - a hint
    if before.status != 200 or reply.status != 200:
        expect.name(before, reply)
        expect.skip(
            f"Le jeton ne sert pas ({status_of(before)}) ou n'est pas révoqué ({status_of(reply)}).",
            f"The token does not work ({status_of(before)}), or its revocation fails ({status_of(reply)}).",
        )
    after = before
    for wait in _WAITS_S:
        time.sleep(wait)
        after = _used(restricted, path, token)
        if after.status != 200:
            break
    expect.name(reply)
    expect.status(after, 401)


@probe(
    "L2-30",
    level=2,
    severity=MEDIUM,
    role=SERVER,
    requirements=("five-levels@L2-30",),
    title=Text(fr="Introspection de jetons", en="Token introspection"),
    failure=Text(
        fr="L'introspection répond à qui ne se nomme pas, ou renseigne un client sur le jeton d'un autre.",
        en="Introspection answers who does not say who asks, or tells a client about another's token.",
    ),
    remedy=Text(
        fr="Exiger l'authentification du client (401 sinon), et répondre active: false pour les jetons des "
        "autres.",
        en="Require client authentication (or 401), and answer active: false for the tokens of others.",
    ),
)
def introspected(restricted: FhirClient, fhir: FhirClient, endpoint: SmartEndpoint, expect: Expect) -> None:
    """Ask about one's own token, with and without saying who asks, then about the full identity's."""
    url = published("introspection_endpoint", restricted, endpoint, expect)
    token = issued(endpoint, expect)
    anonymous = posted(endpoint, url, token=token)
    expect.status(anonymous, 400, 401, 403)
    own = posted_as_client(endpoint, url, token=token)
    if own.status != 200 or answer(own).get("active") is not True:
        expect.name(own)
        expect.skip(
            f"Ce client n'apprend rien de son propre jeton ({status_of(own)}) : rien à comparer.",
            f"This client learns nothing about its own token ({status_of(own)}): nothing to compare with.",
        )
    foreign = posted_as_client(endpoint, url, token=fhir.authorization().removeprefix("Bearer "))
    expect.that(
        foreign.status in {200, 400, 401, 403} and not _told(answer(foreign)),
        expected="active: false",
        seen=f"{status_of(foreign)} with {', '.join(sorted(map(str, answer(foreign)))) or 'nothing'}",
        evidence=[own, foreign],
    )


def _told(said: Mapping[str, Any]) -> bool:
    """Tell whether an introspection says more than that a token is not active."""
    return bool(said.get("active")) or bool({"scope", "client_id", "sub", "username", "exp"} & said.keys())


def _lifetime(reply: Reply) -> float:
    """Return the announced lifetime in seconds, zero when none is."""
    said = answer(reply).get("expires_in")
    return float(said) if isinstance(said, int | float) and not isinstance(said, bool) else 0.0


def _used(client: FhirClient, path: str, token: str) -> Reply:
    return client.get(path, headers={"Authorization": f"Bearer {token}"})
