"""How the application keeps its token, judged from the journal alone.

Source: five-levels reference, K-02 and K-05; CWE-598, CWE-601, CWE-522.
"""

import math
from urllib.parse import parse_qsl, urlsplit

from lab.api import CLIENT, CRITICAL, HIGH, Exchange, Expect, Text, Truth, probe

_ACT = "off-origin-next"
_WITHDRAWN = "forbidden"
_TOKEN_NAMES = frozenset({"access_token", "token", "client_assertion", "client_secret"})
_LIFETIME_S = 300.0
_OK = 200


@probe(
    "K-02",
    level=2,
    severity=HIGH,
    role=CLIENT,
    requirements=("five-levels@K-02",),
    title=Text(fr="Hygiène du jeton", en="Token hygiene"),
    failure=Text(
        fr="L'application manie mal ses jetons ou ses assertions.",
        en="The application handles its tokens or assertions badly.",
    ),
    remedy=Text(
        fr="Porter le jeton dans l'en-tête Authorization seulement, le garder jusqu'à expires_in, et tirer "
        "un jti "
        "neuf pour chaque assertion.",
        en="Carry the token in the Authorization header only, keep it until expires_in, and draw a new jti "
        "for "
        "each assertion.",
    ),
)
def token_hygiene(journal: tuple[Exchange, ...], truth: Truth, expect: Expect) -> None:
    """Look at every token request and at every FHIR request of the whole run."""
    endpoint, base = truth.hospital.get("token", ""), truth.hospital.get("fhir", "")
    asked = [exchange for exchange in journal if endpoint and exchange.url.partition("?")[0] == endpoint]
    served = [exchange for exchange in journal if base and exchange.url.startswith(f"{base}/")]
    issued = [exchange for exchange in asked if exchange.status == _OK]
    if not issued or not served:
        expect.skip(
            "L'application n'a pas obtenu de jeton, ou ne s'en est pas servie.",
            "The application got no token, or did not use any.",
        )
    expect.name(*(exchange.id for exchange in asked[:3]))
    for exchange in journal:
        names = {name.lower() for name, _ in parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)}
        misplaced = sorted(names & _TOKEN_NAMES)
        expect.that(
            not misplaced, expected="no secret in a URL", seen=", ".join(misplaced), evidence=[exchange.id]
        )
    for exchange in served:
        expect.that(
            "access_token=" not in exchange.request_body,
            expected="no token in a body",
            seen="access_token in a form",
            evidence=[exchange.id],
        )
    _fresh_assertions(asked, expect)
    _token_kept(journal, issued, expect)


@probe(
    "K-05",
    level=2,
    severity=CRITICAL,
    role=CLIENT,
    act=_ACT,
    requirements=("five-levels@K-05",),
    title=Text(fr="Lien next vers un autre hôte", en="Off-origin next link"),
    failure=Text(
        fr="L'application suit un lien next vers un hôte étranger, et peut lui remettre son jeton.",
        en="The application follows a next link to a foreign host, and may hand it its token.",
    ),
    remedy=Text(
        fr="Ne suivre un lien de pagination que s'il a le schéma, l'hôte et le port du serveur FHIR.",
        en="Follow a paging link only when it has the scheme, host and port of the FHIR server.",
    ),
)
def off_origin_next(journal: tuple[Exchange, ...], truth: Truth, expect: Expect) -> None:
    """No request may reach the decoy host that the next link named."""
    played = [exchange for exchange in journal if exchange.act == _ACT and not exchange.facts.get("decoy")]
    if _ACT not in truth.acts or not played:
        expect.skip(
            "Le lien next étranger n'a pas été joué : l'application n'a pas fait la recherche qui s'y prête.",
            "The off-origin next link was not played: the application made no search that it could be put "
            "in.",
        )
    expect.name(*(exchange.id for exchange in played))
    # Other acts lead to that host as well: the host says which one somebody followed.
    reached = [exchange for exchange in journal if exchange.facts.get("decoy") and exchange.act == _ACT]
    with_token = [exchange for exchange in reached if exchange.request_header("authorization")]
    expect.that(
        not reached,
        expected="no request to the foreign host",
        seen=f"{len(reached)} of them, {len(with_token)} with a token",
        evidence=[exchange.id for exchange in (*with_token, *reached)][:3],
    )


def _fresh_assertions(asked: list[Exchange], expect: Expect) -> None:
    known: dict[str, str] = {}
    for exchange in asked:
        assertion = exchange.facts.get("assertion")
        claims = assertion.get("claims") if isinstance(assertion, dict) else None
        jti = claims.get("jti") if isinstance(claims, dict) else None
        if isinstance(jti, str):
            first = known.setdefault(jti, exchange.id)
            expect.that(
                first == exchange.id,
                expected="a new jti for each assertion",
                seen="a jti used before",
                evidence=[first, exchange.id],
            )


def _token_kept(journal: tuple[Exchange, ...], issued: list[Exchange], expect: Expect) -> None:
    """A token is kept until it expires; each 401, withdrawn right or start justifies one renewal."""
    duration = max(exchange.t for exchange in journal) - min(exchange.t for exchange in journal)
    here = [exchange for exchange in journal if "refusing" not in exchange.facts]
    refused = sum(exchange.status == 401 or exchange.act == _WITHDRAWN for exchange in here)
    starts = 1 + sum("restarted" in exchange.facts for exchange in here)
    allowed = math.ceil(duration / _LIFETIME_S) + starts + refused
    issued = [exchange for exchange in issued if exchange.act is None]  # an act may shorten their lives
    expect.that(
        len(issued) <= allowed,
        expected=f"at most {allowed} tokens in {duration:.0f} s",
        seen=len(issued),
        evidence=[exchange.id for exchange in issued[:5]],
    )
