"""Level 2, application: an assertion is worth the registered key that signed it, and no other.

Specs: https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html, RFC 7515, RFC 8725
"""

from lab.api import CRITICAL, HIGH, SERVER, Expect, Lookout, SmartEndpoint, Text, probe
from lab.checks.security.embedded_key import embedded_certificate, embedded_jwk
from lab.checks.security.forged import by_key, by_secret, by_stranger, claims_of, forged, public_pem, unsigned
from lab.checks.security.token_answer import answer, issued, refused

_NO_FILE, _SQL, _UNION = "../../dev/null", "' OR 1=1 --", "x' UNION SELECT 'lab' --"


@probe(
    "L2-03",
    level=2,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L2-03",),
    title=Text(fr="Assertion sans signature (alg none)", en="Assertion with alg none"),
    failure=Text(
        fr="Une assertion que personne n'a signée obtient un jeton.",
        en="An assertion that nobody signed gets a token.",
    ),
    remedy=Text(
        fr="N'accepter que RS384 et ES384, par une liste fermée, et toujours vérifier la signature.",
        en="Accept only RS384 and ES384, from a closed list, and always verify the signature.",
    ),
)
def without_signature(endpoint: SmartEndpoint, expect: Expect) -> None:
    """Say none in three spellings, then a real algorithm with an empty signature."""
    issued(endpoint, expect)
    for algorithm in ("none", "nOnE", "NONE", "ES384"):
        header = {"alg": algorithm, "typ": "JWT", "kid": endpoint.kid}
        assertion = forged(header, claims_of(endpoint), unsigned)
        refused(endpoint.ask(assertion=assertion), expect, f"alg {algorithm}, no signature")


@probe(
    "L2-04",
    level=2,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L2-04",),
    title=Text(fr="HS256 signé de la clé publique", en="HS256 signed with the public key"),
    failure=Text(
        fr="Une assertion signée en HS256 avec la clé publique, que chacun connaît, obtient un jeton.",
        en="An assertion signed by HS256 with the public key, which anybody knows, gets a token.",
    ),
    remedy=Text(
        fr="Lier chaque clé enregistrée à son algorithme ; refuser tout algorithme symétrique.",
        en="Tie every registered key to its algorithm; refuse every symmetric algorithm.",
    ),
)
def public_key_as_secret(endpoint: SmartEndpoint, expect: Expect) -> None:
    """Sign with the PEM text of the public key, with and without its last line end."""
    issued(endpoint, expect)
    header = {"alg": "HS256", "typ": "JWT", "kid": endpoint.kid}
    secret = public_pem(endpoint.key)
    for text in (secret, secret.rstrip(b"\n")):
        assertion = forged(header, claims_of(endpoint), by_secret(text))
        refused(endpoint.ask(assertion=assertion), expect, "HS256 with the public key")


@probe(
    "L2-05",
    level=2,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L2-05",),
    title=Text(fr="Autre clé sous le bon kid", en="Wrong key under the right kid"),
    failure=Text(
        fr="Une assertion signée d'une clé inconnue, sous le kid enregistré, obtient un jeton.",
        en="An assertion signed with an unknown key, under the registered kid, gets a token.",
    ),
    remedy=Text(
        fr="Vérifier la signature avec la clé enregistrée sous ce kid, avant de lire les claims.",
        en="Verify the signature with the key registered under that kid, before the claims are read.",
    ),
)
def another_key(endpoint: SmartEndpoint, expect: Expect) -> None:
    """Sign with a stranger's key."""
    issued(endpoint, expect)
    header = {"alg": "ES384", "typ": "JWT", "kid": endpoint.kid}
    assertion = forged(header, claims_of(endpoint), by_stranger)
    refused(endpoint.ask(assertion=assertion), expect, "signed with an unknown key")


@probe(
    "L2-06",
    level=2,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L2-06",),
    title=Text(fr="Injection dans le kid", en="kid injection"),
    failure=Text(
        fr="Un kid qui n'est celui d'aucune clé enregistrée est accepté, ou fait tomber le serveur.",
        en="A kid that is that of no registered key is accepted, or breaks the server.",
    ),
    remedy=Text(
        fr="Chercher le kid par égalité parmi les clés enregistrées du client ; n'en faire ni un chemin ni "
        "une partie de requête SQL.",
        en="Look the kid up by equality among the client's registered keys; make neither a path nor a part "
        "of an SQL query of it.",
    ),
)
def kid_injection(endpoint: SmartEndpoint, expect: Expect) -> None:
    """Name an empty file, every row, and a chosen row: each with the signature that would then hold.

    SMART tells servers to keep only keys whose kid is the header's, so the right key does not help either.
    """
    issued(endpoint, expect)
    own = by_key(endpoint.key)
    tried = (
        (_NO_FILE, "HS256", by_secret(b"")),
        (_NO_FILE, "ES384", own),
        (_SQL, "ES384", own),
        (_UNION, "HS256", by_secret(b"lab")),
    )
    for kid, algorithm, sign in tried:
        assertion = forged({"alg": algorithm, "typ": "JWT", "kid": kid}, claims_of(endpoint), sign)
        refused(endpoint.ask(assertion=assertion), expect, f"kid {kid} with {algorithm}")


@probe(
    "L2-07",
    level=2,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L2-07",),
    title=Text(fr="jku de l'attaquant", en="jku pointing to the attacker"),
    failure=Text(
        fr="Une assertion dont l'en-tête jku n'est pas enregistré obtient un jeton.",
        en="An assertion whose jku header is not registered gets a token.",
    ),
    remedy=Text(
        fr="Refuser tout jku qui n'est pas l'adresse de JWKS enregistrée du client, sans jamais l'appeler.",
        en="Refuse every jku that is not the JWKS address registered for that client, and never call it.",
    ),
)
def key_address(endpoint: SmartEndpoint, lookout: Lookout, expect: Expect) -> None:
    """Point to an address of the laboratory, signed by a stranger and by the right key: SMART refuses both.

    A call from an application on another machine would not arrive there: then the refusal alone is judged.
    """
    issued(endpoint, expect)
    header = {"alg": "ES384", "typ": "JWT", "kid": endpoint.kid, "jku": f"{lookout.url}/jwks"}
    for who, sign in (("a stranger", by_stranger), ("the right key", by_key(endpoint.key))):
        assertion = forged(header, claims_of(endpoint), sign)
        refused(endpoint.ask(assertion=assertion), expect, f"an unknown jku, signed by {who}")
    seen = lookout.calls()
    called = answer(seen).get("calls")
    expect.that(
        called == [],
        expected="no call to the address in jku",
        seen=called,
        evidence=[seen],
    )


@probe(
    "L2-08",
    level=2,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L2-08",),
    title=Text(fr="Clé apportée dans l'assertion", en="Embedded jwk or x5c"),
    failure=Text(
        fr="Une assertion qui apporte elle-même sa clé (jwk, x5c) obtient un jeton.",
        en="An assertion that brings its own key (jwk, x5c) gets a token.",
    ),
    remedy=Text(
        fr="Ne vérifier qu'avec les clés enregistrées ; refuser jwk, x5c et x5u dans l'en-tête.",
        en="Verify only with registered keys; refuse jwk, x5c and x5u in the header.",
    ),
)
def embedded_key(endpoint: SmartEndpoint, expect: Expect) -> None:
    """Embed a stranger's key, as a JWK and as a self-signed certificate, and sign with it."""
    issued(endpoint, expect)
    header = {"alg": "ES384", "typ": "JWT", "kid": endpoint.kid}
    keys = {"jwk": embedded_jwk(endpoint.kid), "x5c": embedded_certificate(endpoint.client_id)}
    for name, key in keys.items():
        assertion = forged({**header, name: key}, claims_of(endpoint), by_stranger)
        refused(endpoint.ask(assertion=assertion), expect, f"a key embedded as {name}")
