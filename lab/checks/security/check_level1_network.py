"""Level 1, network: an address that the application refuses gets nothing, whatever it says of itself.

Source: five-levels reference, L1; OWASP ASVS 5.0 4.1.3 and 8.2.4.
"""

from lab.api import CRITICAL, MEDIUM, SERVER, Expect, FhirClient, Text, probe
from lab.checks.security.likeness import difference
from lab.checks.security.network_refusal import ALLOWED, readable, shut_out

_HEADERS: tuple[tuple[str, str], ...] = (
    ("Forwarded", f"for={ALLOWED}"),
    ("X-Real-IP", ALLOWED),
    ("True-Client-IP", ALLOWED),
    ("CF-Connecting-IP", ALLOWED),
    ("X-Client-IP", ALLOWED),
)


@probe(
    "L1-01",
    level=1,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L1-01",),
    title=Text(fr="Adresse hors du réseau autorisé", en="Source address outside the allowed network"),
    failure=Text(
        fr="Une adresse refusée n'est pas arrêtée avant toute autre décision.",
        en="A refused address is not stopped before anything else is decided.",
    ),
    remedy=Text(
        fr="Comparer l'adresse du pair de la connexion aux réseaux autorisés avant de lire le jeton, et "
        "répondre 403 sans ressource.",
        en="Compare the address of the connection's peer with the allowed networks before the token is read, "
        "and answer 403 without any resource.",
    ),
)
def refused_address(fhir: FhirClient, stranger: FhirClient, expect: Expect) -> None:
    """Read from the refused address, with a good token and with a bad one: the answer is the same 403."""
    path = readable(fhir, expect)
    shut_out(stranger.get(path), expect)
    shut_out(stranger.get(path, headers={"Authorization": "Bearer lab-no-such-token"}), expect)


@probe(
    "L1-02",
    level=1,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L1-02",),
    title=Text(fr="X-Forwarded-For mensonger", en="X-Forwarded-For spoofing"),
    failure=Text(
        fr="L'en-tête X-Forwarded-For, que l'appelant écrit lui-même, ouvre le réseau.",
        en="The X-Forwarded-For header, which the caller writes itself, opens the network.",
    ),
    remedy=Text(
        fr="Décider sur l'adresse de la connexion ; ne croire X-Forwarded-For que d'un mandataire de "
        "confiance, "
        "et seulement son dernier maillon.",
        en="Decide on the address of the connection; believe X-Forwarded-For only from a trusted proxy, and "
        "only its last hop.",
    ),
)
def forwarded_for(fhir: FhirClient, stranger: FhirClient, expect: Expect) -> None:
    """Claim the allowed address, alone and at the head of a chain."""
    path = readable(fhir, expect)
    for value in (ALLOWED, f"{ALLOWED}, {stranger.source}"):
        shut_out(stranger.get(path, headers={"X-Forwarded-For": value}), expect)


@probe(
    "L1-03",
    level=1,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L1-03",),
    title=Text(fr="Autres en-têtes d'adresse", en="Sister forwarding headers"),
    failure=Text(
        fr="Un en-tête d'adresse écrit par l'appelant ouvre le réseau.",
        en="An address header written by the caller opens the network.",
    ),
    remedy=Text(
        fr="Ignorer Forwarded, X-Real-IP, True-Client-IP, CF-Connecting-IP et X-Client-IP de tout pair qui "
        "n'est pas un mandataire de confiance.",
        en="Ignore Forwarded, X-Real-IP, True-Client-IP, CF-Connecting-IP and X-Client-IP from any peer that "
        "is not a trusted proxy.",
    ),
)
def sister_headers(fhir: FhirClient, stranger: FhirClient, expect: Expect) -> None:
    """Claim the allowed address by each header, one request each."""
    path = readable(fhir, expect)
    for name, value in _HEADERS:
        shut_out(stranger.get(path, headers={name: value}), expect, {name: value})


@probe(
    "L1-11",
    level=1,
    severity=MEDIUM,
    role=SERVER,
    requirements=("five-levels@L1-11",),
    title=Text(fr="Refus qui renseigne", en="Refusal used as an oracle"),
    failure=Text(
        fr="Le refus du réseau change selon ce qui est demandé : il dit ce qui existe.",
        en="The refusal of the network depends on what is asked: it tells what exists.",
    ),
    remedy=Text(
        fr="Donner à une adresse refusée une réponse constante, avant de regarder le chemin.",
        en="Give a refused address one constant answer, before the path is looked at.",
    ),
)
def constant_refusal(fhir: FhirClient, stranger: FhirClient, expect: Expect) -> None:
    """Ask for what exists, what does not, and what is no FHIR path: the bytes are the same."""
    existing = readable(fhir, expect)
    unknown = f"{existing.partition('/')[0]}/lab-no-such-id"
    first, again = stranger.get(unknown), stranger.get(unknown)
    for path in (existing, "lab-nothing"):
        reply = stranger.get(path)
        shut_out(reply, expect)
        seen = difference(reply, path, (first, unknown), (again, unknown))
        expect.that(
            not seen, expected="the same bytes whatever is asked", seen=seen, evidence=[reply, first, again]
        )
