"""CLI-AUT: how the application proves who it is and keeps its tokens.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html
"""

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from lab.api import SHALL, SHOULD, Exchange, Expect, Text, Truth, check
from lab.checks.traffic import after, fhir_requests, played, token_requests

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ADVISED = frozenset({"RS384", "ES384"})
ASYMMETRIC = ADVISED | {"RS256", "RS512", "ES256", "ES512", "PS256", "PS384", "PS512", "EdDSA"}
"""Signatures by a private key (RFC 7518 and 8037): the guide lets others be used than those it advises."""
MAX_LIFETIME_S = 300
CLOCK_TOLERANCE_S = 5
SECRETS = frozenset({"access_token", "client_assertion", "client_secret", "token", "password"})


@check(
    "CLI-AUT-01",
    expectation=SHALL,
    requirements=tuple(f"smart-2.2.0@{row}" for row in (234, 235, 236, 237, 238)),
    title=Text(fr="Forme de la demande de jeton", en="Token request form"),
    failure=Text(
        fr="Une demande de jeton n'a pas la forme prescrite.",
        en="A token request does not have the prescribed form.",
    ),
    remedy=Text(
        fr="Demander le jeton par POST d'un formulaire : grant_type=client_credentials, scope, "
        "client_assertion_type fixe et client_assertion.",
        en="Ask for the token by a form POST: grant_type=client_credentials, scope, the fixed "
        "client_assertion_type and client_assertion.",
    ),
)
def token_request_form(journal: Sequence[Exchange], expect: Expect) -> None:
    """Look at every token request."""
    for exchange in token_requests(journal, expect):
        form = dict(parse_qsl(exchange.request_body, keep_blank_values=True))
        kind = (exchange.request_header("content-type") or "").partition(";")[0].strip()
        wanted = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
        wrong = [name for name, value in wanted.items() if form.get(name) != value]
        wrong += [name for name in ("scope", "client_assertion") if not form.get(name)]
        expect.that(
            exchange.method == "POST" and kind == "application/x-www-form-urlencoded" and not wrong,
            expected="POST application/x-www-form-urlencoded, grant_type, client_assertion_type, scope",
            seen=f"{exchange.method} {kind}; {', '.join(wrong) or 'fields present'}",
            evidence=[exchange.id],
        )


@check(
    "CLI-AUT-02",
    expectation=SHALL,
    requirements=tuple(f"smart-2.2.0@{row}" for row in (320, 321, 322, 323)),
    title=Text(fr="En-tête de l'assertion", en="Assertion header"),
    failure=Text(
        fr="L'en-tête d'une assertion n'est pas celui d'un client asymétrique SMART.",
        en="The header of an assertion is not that of a SMART asymmetric client.",
    ),
    remedy=Text(
        fr="Signer en RS384 ou ES384, avec typ=JWT et le kid de la clé enregistrée.",
        en="Sign with RS384 or ES384, with typ=JWT and the kid of the registered key.",
    ),
)
def assertion_header(journal: Sequence[Exchange], expect: Expect) -> None:
    """Look at the header of every assertion; another signature by a private key is a remark."""
    for exchange in token_requests(journal, expect):
        header = exchange.facts.get("assertion", {}).get("header", {})
        good = header.get("alg") in ASYMMETRIC and header.get("typ") == "JWT" and header.get("kid")
        seen = {name: header.get(name) for name in ("alg", "typ", "kid")}
        expect.that(bool(good), expected="alg RS384/ES384, typ JWT, kid", seen=seen, evidence=[exchange.id])
        expect.should(
            header.get("alg") in ADVISED, expected="alg RS384/ES384", seen=seen, evidence=[exchange.id]
        )


@check(
    "CLI-AUT-03",
    expectation=SHALL,
    requirements=tuple(f"smart-2.2.0@{row}" for row in (327, 328, 329, 330, 331, 332)),
    title=Text(fr="Revendications de l'assertion", en="Assertion claims"),
    failure=Text(
        fr="Une assertion ne respecte pas les revendications prescrites.",
        en="An assertion does not respect the prescribed claims.",
    ),
    remedy=Text(
        fr="iss = sub = client_id, aud = URL du jeton, exp à 5 minutes au plus, jti neuf à chaque demande.",
        en="iss = sub = client_id, aud = token URL, exp at most 5 minutes ahead, a new jti for each request.",
    ),
)
def assertion_claims(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """Look at the claims of every assertion, and at their jti over the whole run."""
    client = truth.subject.client
    seen_ids: set[str] = set()
    for exchange in token_requests(journal, expect):
        claims = exchange.facts.get("assertion", {}).get("claims", {})
        identity = client.client_id if client else ""
        expect.that(
            claims.get("iss") == claims.get("sub") == identity,
            expected=f"iss = sub = {identity}",
            seen=f"iss {claims.get('iss')}, sub {claims.get('sub')}",
            evidence=[exchange.id],
        )
        expect.that(
            claims.get("aud") == truth.hospital.get("token"),
            expected=f"aud = {truth.hospital.get('token')}",
            seen=claims.get("aud"),
            evidence=[exchange.id],
        )
        expires, received = claims.get("exp"), exchange.facts.get("received", 0)
        ahead = expires - received if isinstance(expires, int | float) else None
        expect.that(
            ahead is not None and ahead <= MAX_LIFETIME_S + CLOCK_TOLERANCE_S,
            expected=f"exp <= {MAX_LIFETIME_S} s",
            seen="no exp" if ahead is None else f"exp {ahead:.0f} s",
            evidence=[exchange.id],
        )
        jti = str(claims.get("jti") or "")
        expect.that(
            bool(jti) and jti not in seen_ids,
            expected="a new jti",
            seen="the same jti again" if jti else "no jti",
            evidence=[exchange.id],
        )
        seen_ids.add(jti)


@check(
    "CLI-AUT-04",
    expectation=SHALL,
    requirements=("smart-2.2.0@264",),
    title=Text(fr="Secrets et jetons hors des URL", en="Secrets and tokens kept out of URLs"),
    failure=Text(
        fr="Un secret circule ailleurs que dans l'en-tête Authorization.",
        en="A secret travels elsewhere than in the Authorization header.",
    ),
    remedy=Text(
        fr="N'envoyer le jeton que dans l'en-tête Authorization: Bearer, jamais dans une URL.",
        en="Send the token in the Authorization: Bearer header only, never in a URL or a form.",
    ),
)
def secrets_out_of_urls(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """Look for secrets in every URL, and for other schemes than Bearer."""
    fhir = fhir_requests(journal, truth, expect)
    for exchange in journal:
        named = {name.lower() for name, _ in parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)}
        found = sorted(named & SECRETS)
        expect.that(not found, expected="no secret in a URL", seen=", ".join(found), evidence=[exchange.id])
    for exchange in fhir:
        scheme = (exchange.request_header("authorization") or "Bearer").split(" ")[0]
        expect.that(
            scheme.lower() == "bearer",
            expected="Authorization: Bearer",
            seen=scheme,
            evidence=[exchange.id],
        )


@check(
    "CLI-AUT-07",
    expectation=SHOULD,
    act="revoked-token",
    requirements=("laboratory@revoked-token",),
    title=Text(fr="Se remet d'un jeton révoqué", en="Recovers from a revoked token"),
    failure=Text(
        fr="Après la révocation de son jeton, l'application ne reprend pas comme il faut.",
        en="After its token was revoked, the application does not recover as it should.",
    ),
    remedy=Text(
        fr="Sur 401 invalid_token, demander un nouveau jeton et répéter la requête une seule fois.",
        en="On 401 invalid_token, get a new token and repeat the request once.",
    ),
)
def recovers_from_revocation(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """After the 401: the old token is dropped, a new one is asked for, and work goes on."""
    revoked = played(journal, "revoked-token", expect)[-1]
    old = revoked.request_header("authorization")
    following = after(fhir_requests(journal, truth, expect), revoked)
    stubborn = [e for e in following if e.request_header("authorization") == old]
    expect.that(
        not stubborn,
        expected="the revoked token is not used again",
        seen=f"{len(stubborn)} requests with it",
        evidence=[revoked.id, *(e.id for e in stubborn[:2])],
    )
    renewed = after(token_requests(journal, expect), revoked)
    going_on = [e for e in following if e.status == 200]
    expect.that(
        bool(renewed and going_on),
        expected="a new token, then an answered request",
        seen=f"{len(renewed)} token requests, {len(going_on)} answered requests",
        evidence=[revoked.id, *(e.id for e in (renewed[:1] + going_on[:1]))],
    )
