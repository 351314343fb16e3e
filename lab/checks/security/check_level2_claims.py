"""Level 2, application: an assertion serves one client, at one server, for five minutes.

Specs: https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html, RFC 7523 section 3
"""

from typing import Any

from lab.api import CRITICAL, HIGH, MEDIUM, SERVER, Expect, Reply, SmartEndpoint, Text, Truth, probe
from lab.checks.security.forged import by_key, claims_of, forged
from lab.checks.security.token_answer import issued, refused, token_of

_LEEWAY_S, _LONG_AGO_S = 60, 300
_TOO_FAR_S, _LATER_S = 3600, 600
_ELSEWHERE = "https://lab-elsewhere.example/token"
_NOBODY = "lab-nobody"


@probe(
    "L2-09",
    level=2,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L2-09",),
    title=Text(fr="Assertion expirée", en="Expired assertion"),
    failure=Text(fr="Une assertion expirée obtient un jeton.", en="An expired assertion gets a token."),
    remedy=Text(
        fr="Refuser toute assertion dont exp est passé, à une minute près au plus.",
        en="Refuse every assertion whose exp is past, with a leeway of a minute at most.",
    ),
)
def expired(endpoint: SmartEndpoint, expect: Expect) -> None:
    """Send one that ended five minutes ago, then one of a minute ago, which a leeway may still let in."""
    issued(endpoint, expect)
    refused(
        _asked(endpoint, _moved(endpoint, exp=-_LONG_AGO_S, iat=-_TOO_FAR_S)), expect, "exp five minutes ago"
    )
    reply = _asked(endpoint, _moved(endpoint, exp=-_LEEWAY_S, iat=-_LONG_AGO_S))
    expect.should(
        not token_of(reply),
        expected="HTTP 400 or 401",
        seen="a token for an assertion that ended a minute ago",
        evidence=[reply],
    )


@probe(
    "L2-10",
    level=2,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L2-10",),
    title=Text(fr="Assertion valable trop longtemps", en="Assertion expiry too far"),
    failure=Text(
        fr="Une assertion valable une heure obtient un jeton : volée, elle sert plus longtemps que permis.",
        en="An assertion that lasts an hour gets a token: once stolen, it serves longer than allowed.",
    ),
    remedy=Text(
        fr="Refuser toute assertion dont exp est à plus de cinq minutes.",
        en="Refuse every assertion whose exp is more than five minutes ahead.",
    ),
)
def too_long(endpoint: SmartEndpoint, expect: Expect) -> None:
    """Send one that ends in an hour; SMART allows five minutes."""
    issued(endpoint, expect)
    refused(_asked(endpoint, _moved(endpoint, exp=_TOO_FAR_S)), expect, "exp in an hour")


@probe(
    "L2-11",
    level=2,
    severity=MEDIUM,
    role=SERVER,
    requirements=("five-levels@L2-11",),
    title=Text(fr="Assertion pas encore valable", en="Future iat or nbf"),
    failure=Text(
        fr="Une assertion qui n'est pas encore valable (nbf) obtient un jeton.",
        en="An assertion that is not valid yet (nbf) gets a token.",
    ),
    remedy=Text(
        fr="Refuser toute assertion dont nbf ou iat est à plus d'une minute dans le futur.",
        en="Refuse every assertion whose nbf or iat is more than a minute in the future.",
    ),
)
def not_yet(endpoint: SmartEndpoint, expect: Expect) -> None:
    """Send an nbf ten minutes ahead, then such an iat, which RFC 7523 does not bid servers to look at."""
    issued(endpoint, expect)
    claims = _moved(endpoint)
    refused(_asked(endpoint, {**claims, "nbf": claims["iat"] + _LATER_S}), expect, "nbf in ten minutes")
    reply = _asked(endpoint, _moved(endpoint, iat=_LATER_S))
    expect.should(
        not token_of(reply),
        expected="HTTP 400 or 401",
        seen="a token for an assertion issued in ten minutes",
        evidence=[reply],
    )


@probe(
    "L2-12",
    level=2,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L2-12",),
    title=Text(fr="Assertion faite pour un autre serveur", en="Wrong audience"),
    failure=Text(
        fr="Une assertion faite pour un autre serveur obtient un jeton : cet autre peut se faire passer pour "
        "le client.",
        en="An assertion made for another server gets a token: that other one can pose as the client.",
    ),
    remedy=Text(
        fr="Exiger que aud soit l'URL du serveur de jetons, à l'identique.",
        en="Require that aud is the URL of the token endpoint, exactly.",
    ),
)
def another_audience(endpoint: SmartEndpoint, expect: Expect) -> None:
    """Name another server, one whose address begins like ours, and none at all."""
    issued(endpoint, expect)
    for audience in (_ELSEWHERE, f"{endpoint.token_url}.lab-elsewhere.example", ""):
        claims = {**_moved(endpoint), "aud": audience}
        refused(_asked(endpoint, claims), expect, f"aud {audience or 'empty'}")
    claims = _moved(endpoint)
    del claims["aud"]
    refused(_asked(endpoint, claims), expect, "no aud")


@probe(
    "L2-13",
    level=2,
    severity=MEDIUM,
    role=SERVER,
    requirements=("five-levels@L2-13",),
    title=Text(fr="Plusieurs destinataires (aud)", en="Audience given as a list"),
    failure=Text(
        fr="Une assertion faite aussi pour un autre serveur obtient un jeton : cet autre peut la présenter. "
        "La règle du laboratoire est plus stricte que la RFC 7523.",
        en="An assertion that is also made for another server gets a token: that other one can present it. "
        "The rule of the laboratory is stricter than RFC 7523.",
    ),
    remedy=Text(
        fr="N'accepter qu'un seul destinataire, l'URL du serveur de jetons.",
        en="Accept one audience only, the URL of the token endpoint.",
    ),
)
def several_audiences(endpoint: SmartEndpoint, expect: Expect) -> None:
    """Name another server and the right one, in both orders."""
    issued(endpoint, expect)
    for audience in ([_ELSEWHERE, endpoint.token_url], [endpoint.token_url, _ELSEWHERE]):
        refused(
            _asked(endpoint, {**_moved(endpoint), "aud": audience}), expect, "aud names another server too"
        )


@probe(
    "L2-14",
    level=2,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L2-14",),
    title=Text(fr="iss différent de sub", en="iss different from sub"),
    failure=Text(
        fr="Une assertion dont l'émetteur et le sujet diffèrent obtient un jeton.",
        en="An assertion whose issuer and subject differ gets a token.",
    ),
    remedy=Text(
        fr="Exiger iss = sub = client_id, et vérifier la signature avec les clés de ce client.",
        en="Require iss = sub = client_id, and verify the signature with the keys of that client.",
    ),
)
def two_names(endpoint: SmartEndpoint, truth: Truth, expect: Expect) -> None:
    """Put another client in one place and then in the other: a declared one when there is one."""
    issued(endpoint, expect)
    server = truth.subject.server
    known = [one.client_id for one in server.identities] if server else []
    another = next((id_ for id_ in reversed(known) if id_ and id_ != endpoint.client_id), _NOBODY)
    for name in ("sub", "iss"):
        claims = {**_moved(endpoint), name: another}
        refused(_asked(endpoint, claims), expect, f"{name} is {another}, the other one {endpoint.client_id}")


@probe(
    "L2-17",
    level=2,
    severity=MEDIUM,
    role=SERVER,
    requirements=("five-levels@L2-17",),
    title=Text(fr="Assertion sans jti", en="jti missing"),
    failure=Text(
        fr="Une assertion sans jti, dont on ne peut pas savoir si elle a déjà servi, obtient un jeton.",
        en="An assertion without jti, of which nobody can tell whether it was used, gets a token.",
    ),
    remedy=Text(fr="Refuser toute assertion sans jti.", en="Refuse every assertion without jti."),
)
def without_id(endpoint: SmartEndpoint, expect: Expect) -> None:
    """Leave the claim out, then leave it empty."""
    issued(endpoint, expect)
    claims = _moved(endpoint)
    del claims["jti"]
    refused(_asked(endpoint, claims), expect, "no jti")
    refused(_asked(endpoint, {**claims, "jti": ""}), expect, "an empty jti")


def _moved(endpoint: SmartEndpoint, **seconds: int) -> dict[str, Any]:
    """Return right claims, some dates put so many seconds from now."""
    claims = claims_of(endpoint)
    return claims | {name: claims["iat"] + offset for name, offset in seconds.items()}


def _asked(endpoint: SmartEndpoint, claims: dict[str, Any]) -> Reply:
    """Ask with an assertion of these claims, rightly signed."""
    header = {"alg": "ES384", "typ": "JWT", "kid": endpoint.kid}
    return endpoint.ask(assertion=forged(header, claims, by_key(endpoint.key)))
