"""What a token endpoint answers: a token to a right assertion, an OAuth error to any other.

Specs: https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html, RFC 6749 section 5
"""

from collections.abc import Mapping
from typing import Any

from lab.api import Expect, Reply, SmartEndpoint, status_of

TOO_MANY = 429
_REFUSED = (400, 401, 403)


def answer(reply: Reply) -> Mapping[str, Any]:
    """Return the JSON object of an answer, an empty one when it is none."""
    return reply.json if isinstance(reply.json, dict) else {}


def token_of(reply: Reply) -> str:
    """Return the access token of an answer, an empty text when it gives none."""
    token = answer(reply).get("access_token")
    return token if reply.status == 200 and isinstance(token, str) else ""


def issued(endpoint: SmartEndpoint, expect: Expect) -> str:
    """Return the token that a right assertion gets; skips without: a refusal would then show nothing."""
    reply = endpoint.ask()
    token = token_of(reply)
    if not token:
        expect.name(reply)
        expect.skip(
            f"Une assertion juste n'obtient pas de jeton ({status_of(reply)}) : un refus ne montrerait rien.",
            f"A right assertion gets no token ({status_of(reply)}): a refusal would show nothing.",
        )
    return token


def refused(reply: Reply, expect: Expect, tried: str, *, also: tuple[int, ...] = ()) -> None:
    """Expect an OAuth error without a token; too many requests is no judgement of what was ``tried``."""
    if reply.status == TOO_MANY:
        expect.name(reply)
        expect.skip(
            f"Le serveur de jetons limite les essais (HTTP {TOO_MANY}) avant d'avoir jugé : {tried}.",
            f"The token endpoint limits attempts (HTTP {TOO_MANY}) before it judged: {tried}.",
        )
    expect.that(
        reply.status in {*_REFUSED, *also} and "access_token" not in answer(reply),
        expected="HTTP 400 or 401 with an OAuth error",
        seen=f"{status_of(reply)}: {tried}",
        evidence=[reply],
    )
    expect.should(
        reply.status not in _REFUSED or isinstance(answer(reply).get("error"), str),
        expected="an error code of RFC 6749",
        seen=f"none: {tried}",
        evidence=[reply],
    )
