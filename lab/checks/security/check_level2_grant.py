"""Level 2, application: one grant type, one kind of assertion, and an assertion is no access token.

Specs: RFC 6749 section 5.2, RFC 7515 section 4.1.11 (crit), RFC 7521 section 4.2
"""

from lab.api import HIGH, MEDIUM, SERVER, Expect, FhirClient, SmartEndpoint, Text, probe, status_of
from lab.checks.sample import sample
from lab.checks.security.forged import by_key, claims_of, forged
from lab.checks.security.token_answer import issued, refused

_MEGABYTE = 1_000_000
_CUT = ("WriteError", "ReadError", "RemoteProtocolError")
_TOO_LARGE = (413, 414, 431)


@probe(
    "L2-18",
    level=2,
    severity=MEDIUM,
    role=SERVER,
    requirements=("five-levels@L2-18",),
    title=Text(fr="Autre type de demande ou d'assertion", en="Bad grant type or assertion type"),
    failure=Text(
        fr="Une demande d'un autre type que client_credentials, ou d'un autre type d'assertion, obtient un "
        "jeton.",
        en="A request of another type than client_credentials, or of another assertion type, gets a token.",
    ),
    remedy=Text(
        fr="Répondre 400 unsupported_grant_type ou invalid_client avant toute autre vérification.",
        en="Answer 400 unsupported_grant_type or invalid_client before anything else is verified.",
    ),
)
def other_types(endpoint: SmartEndpoint, expect: Expect) -> None:
    """Ask for the password grant, for an unknown one and for none; then with other assertion types."""
    issued(endpoint, expect)
    for grant in ("password", "lab_unknown", ""):
        refused(endpoint.ask(grant_type=grant), expect, f"grant_type {grant or 'empty'}")
    for kind in ("urn:ietf:params:oauth:client-assertion-type:saml2-bearer", "jwt-bearer", ""):
        reply = endpoint.ask(client_assertion_type=kind)
        refused(reply, expect, f"client_assertion_type {kind or 'empty'}")


@probe(
    "L2-19",
    level=2,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L2-19",),
    title=Text(fr="Assertion présentée comme jeton", en="Assertion used as an access token"),
    failure=Text(
        fr="Une assertion de client, présentée à la place d'un jeton d'accès, est servie.",
        en="A client assertion, presented in place of an access token, is served.",
    ),
    remedy=Text(
        fr="N'accepter que les jetons émis pour l'API : vérifier type, émetteur et destinataire.",
        en="Accept only tokens issued for the API: verify their type, their issuer and their audience.",
    ),
)
def assertion_as_token(endpoint: SmartEndpoint, fhir: FhirClient, expect: Expect) -> None:
    """Search with a fresh assertion, made for the token endpoint and then for the FHIR base."""
    found = sample(fhir, expect)
    for audience in (endpoint.token_url, fhir.base_url):
        bearer = {"Authorization": f"Bearer {endpoint.assertion({'aud': audience})}"}
        reply = fhir.get(f"{found.type}?_count=1", headers=bearer)
        expect.status(reply, 401)
        expect.that(
            reply.type in {"", "OperationOutcome"}, expected="no data", seen=reply.type, evidence=[reply]
        )


@probe(
    "L2-29",
    level=2,
    severity=MEDIUM,
    role=SERVER,
    requirements=("five-levels@L2-29",),
    title=Text(fr="Extension critique inconnue, assertion énorme", en="Unknown crit and oversized JWT"),
    failure=Text(
        fr="Une assertion qui exige une extension inconnue (crit), ou d'un mégaoctet, n'est pas refusée.",
        en="An assertion that demands an unknown extension (crit), or of one megabyte, is not refused.",
    ),
    remedy=Text(
        fr="Refuser tout crit inconnu, et sans la décoder toute assertion de plus de quelques kilo-octets.",
        en="Refuse every unknown crit, and, undecoded, every assertion of more than a few kilobytes.",
    ),
)
def hard_to_read(endpoint: SmartEndpoint, expect: Expect) -> None:
    """Send both, rightly signed, then show that the endpoint still works; its speed is not judged."""
    issued(endpoint, expect)
    header, sign = {"alg": "ES384", "typ": "JWT", "kid": endpoint.kid}, by_key(endpoint.key)
    critical = {**header, "crit": ["lab-unknown"], "lab-unknown": True}
    reply = endpoint.ask(assertion=forged(critical, claims_of(endpoint), sign))
    refused(reply, expect, "an unknown crit")
    large = forged(header, {**claims_of(endpoint), "lab": "x" * _MEGABYTE}, sign)
    reply = endpoint.ask(assertion=large)
    if reply.status or not reply.error.startswith(_CUT):  # cutting such a message short is a refusal too
        refused(reply, expect, "an assertion of one megabyte", also=_TOO_LARGE)
    after = endpoint.ask()
    expect.that(
        after.status == 200,
        expected="a token for a right assertion afterwards",
        seen=status_of(after),
        evidence=[reply, after],
    )
