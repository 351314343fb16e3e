"""Level 2, application: a token is read in one way, serves its own client, and the proof that it is bound to.

Specs: RFC 6750 section 2.1, RFC 8705 section 3, RFC 9449 section 7; OWASP API1:2023
"""

from typing import Any

import jwt

from lab.api import CRITICAL, HIGH, LOW, SERVER, Expect, FhirClient, SmartEndpoint, Text, probe, status_of
from lab.checks.address import resolved, same_origin
from lab.checks.sample import match_ids, sample
from lab.checks.security.likeness import answered
from lab.checks.security.oauth_address import smart_configuration
from lab.checks.security.token_answer import answer, token_of

_PAGES, _PAGE = 8, 200
_BOUND_BY_CERTIFICATE, _BOUND_BY_KEY = (
    "tls_client_certificate_bound_access_tokens",
    "dpop_signing_alg_values_supported",
)


@probe(
    "L2-26",
    level=2,
    severity=LOW,
    role=SERVER,
    requirements=("five-levels@L2-26",),
    title=Text(fr="Formes de l'en-tête Authorization", en="Authorization header forms"),
    failure=Text(
        fr="Une forme inhabituelle de l'en-tête Authorization fait tomber le serveur, ou reçoit tantôt une "
        "réponse, tantôt une autre.",
        en="An unusual form of the Authorization header breaks the server, or is answered now so, now so.",
    ),
    remedy=Text(
        fr="Analyser l'en-tête par une seule grammaire : le schéma sans égard à la casse, une espace, le "
        "jeton ; répondre 401 ou 400 à tout le reste.",
        en="Parse the header by one grammar: the scheme in any letter case, one space, the token; answer 401 "
        "or 400 to everything else.",
    ),
)
def header_forms(fhir: FhirClient, expect: Expect) -> None:
    """Send each form twice: another case, another space, something after the token."""
    path = f"{sample(fhir, expect).type}?_count=1"
    token = fhir.authorization().removeprefix("Bearer ")
    control = fhir.get(path)
    if not token or control.status != 200:
        expect.name(control)
        expect.skip(
            f"L'identité complète n'a pas de jeton, ou il ne sert pas ({status_of(control)}).",
            f"The full identity has no token, or it does not work ({status_of(control)}).",
        )
    forms = (
        f"bearer {token}",
        f"BEARER {token}",
        f"Bearer  {token}",
        f"Bearer {token} lab",
        f"Bearer {token},lab",
    )
    for form in forms:
        first, again = (fhir.get(path, headers={"Authorization": form}) for _ in range(2))
        shape = form.replace(token, "(token)")
        for reply in (first, again):
            expect.that(
                reply.status in {200, 400, 401},
                expected="HTTP 200, 400 or 401",
                seen=f"{status_of(reply)} for {shape}",
                evidence=[reply],
            )
        expect.that(
            first.status == again.status,
            expected="the same answer twice",
            seen=f"{status_of(first)}, then {status_of(again)}, for {shape}",
            evidence=[first, again],
        )


@probe(
    "L2-27",
    level=2,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L2-27",),
    title=Text(fr="Jeton d'un client sur les pages d'un autre", en="Cross-client token"),
    failure=Text(
        fr="Avec le jeton d'un client, la page suivante d'un autre donne des patients que le premier ne voit "
        "pas.",
        en="With the token of one client, the next page of another one gives patients that the first does "
        "not see.",
    ),
    remedy=Text(
        fr="Évaluer chaque page dans la vue du jeton présenté, ou répondre 403 ou 404 à qui n'a pas reçu le "
        "lien.",
        en="Evaluate every page in the view of the token presented, or answer 403 or 404 to who was not "
        "given the link.",
    ),
)
def crossed_clients(restricted: FhirClient, other: FhirClient, expect: Expect) -> None:
    """Follow the pages of each of two confined identities with the token of the other one."""
    shown = [_crossed(restricted, other, expect), _crossed(other, restricted, expect)]
    if not any(shown):
        expect.skip(
            "Aucune des deux identités n'a de page suivante avec un patient que l'autre ne voit pas.",
            "Neither identity has a next page with a patient that the other one does not see.",
        )


def _crossed(asker: FhirClient, owner: FhirClient, expect: Expect) -> bool:
    """Judge one way; tell whether anything could have come out."""
    mine, theirs = (_seen(client) for client in (asker, owner))
    first = owner.search("Patient", _count=1)
    url = resolved(owner.base_url, first.link("next") or "")
    if (
        not mine
        or not theirs - mine - set(match_ids(first, "Patient"))
        or not same_origin(owner.base_url, url)
    ):
        return False
    page = asker.get(url)
    answered(page, expect)
    for reply in asker.pages(page, _PAGES):
        foreign = sorted(set(match_ids(reply, "Patient")) - mine)
        expect.that(
            not foreign,
            expected="HTTP 403 or 404, or nobody that this client does not see",
            seen=f"{status_of(reply)} with Patient/{', Patient/'.join(foreign[:5])}",
            evidence=[first, reply],
        )
    return True


def _seen(client: FhirClient) -> set[str]:
    """Return the patients that a client finds by itself."""
    pages = client.pages(client.search("Patient", _count=_PAGE), _PAGES)
    return {id_ for page in pages for id_ in match_ids(page, "Patient")}


@probe(
    "L2-28",
    level=2,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L2-28",),
    title=Text(fr="Jeton lié présenté sans preuve", en="Bound token without proof"),
    failure=Text(
        fr="Un jeton lié à une clé ou à un certificat sert à qui ne montre ni l'une ni l'autre.",
        en="A token bound to a key or a certificate works for who shows neither.",
    ),
    remedy=Text(
        fr="Exiger à chaque requête la preuve à laquelle le jeton est lié (certificat client ou DPoP), et "
        "répondre 401 sans elle.",
        en="Require with every request the proof that the token is bound to (client certificate or DPoP), "
        "and answer 401 without it.",
    ),
)
def unproved(restricted: FhirClient, endpoint: SmartEndpoint, expect: Expect) -> None:
    """Present a bound token alone, as Bearer and as DPoP; omitted where no token of ours is bound."""
    said = smart_configuration(restricted, expect)
    offered = [name for name in (_BOUND_BY_CERTIFICATE, _BOUND_BY_KEY) if said.get(name)]
    reply = endpoint.ask()
    token, kind = token_of(reply), str(answer(reply).get("token_type"))
    expect.name(reply)
    if not token:
        expect.skip(
            f"Le serveur de jetons n'a pas donné de jeton ({status_of(reply)}).",
            f"The token endpoint gave no token ({status_of(reply)}).",
        )
    if kind.lower() != "dpop" and "cnf" not in _claims(token):
        offers = ", ".join(offered)
        expect.omit(
            f"Le jeton n'est lié à rien (token_type {kind[:20]}, sans cnf) ; la configuration SMART "
            f"annonce : {offers or 'aucune liaison'}.",
            f"The token is bound to nothing (token_type {kind[:20]}, no cnf); the SMART configuration "
            f"announces: {offers or 'no binding'}.",
        )
    path = f"{sample(restricted, expect).type}?_count=1"
    for scheme in ("Bearer", "DPoP"):
        expect.status(restricted.get(path, headers={"Authorization": f"{scheme} {token}"}), 400, 401)


def _claims(token: str) -> dict[str, Any]:
    """Return the claims of a token that is a JWT, none of an opaque one."""
    try:
        return dict(jwt.decode(token, options={"verify_signature": False}))
    except (jwt.PyJWTError, ValueError, RecursionError):
        return {}
