"""Level 2, application: nothing is served without a token in force, presented in the one right place.

Specs: RFC 6750, https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html
"""

from urllib.parse import urlsplit

from lab.api import CRITICAL, HIGH, SERVER, Expect, FhirClient, Outgoing, Reply, Text, probe, status_of
from lab.checks.sample import sample

_UNAUTHORIZED = 401
_BASIC = "Basic bGFiOmxhYg=="
"""lab:lab, the password of nobody."""
_UNSIGNED = "Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJsYWIiLCJzY29wZSI6InN5c3RlbS8qLnJzIn0."
"""A JSON Web Token of ``alg`` none that claims every scope of reading."""


@probe(
    "L2-01",
    level=2,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L2-01",),
    title=Text(fr="Sans jeton", en="No token"),
    failure=Text(
        fr="Une requête sans jeton n'est pas refusée par 401.",
        en="A request without a token is not refused by 401.",
    ),
    remedy=Text(
        fr="Répondre 401 avec WWW-Authenticate: Bearer à toute requête de données sans en-tête "
        "Authorization.",
        en="Answer 401 with WWW-Authenticate: Bearer to every request for data without Authorization.",
    ),
)
def no_token(fhir: FhirClient, anonymous: FhirClient, expect: Expect) -> None:
    """Search and read, without a token, what the full identity finds."""
    found = sample(fhir, expect)
    for path in (f"{found.type}?_count=1", f"{found.type}/{found.resources[0]['id']}"):
        reply = anonymous.get(path)
        _refused(reply, expect, _UNAUTHORIZED)
        expect.should(
            reply.header("WWW-Authenticate") is not None,
            expected="a WWW-Authenticate header (RFC 9110)",
            seen="none",
            evidence=[reply],
        )


@probe(
    "L2-02",
    level=2,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L2-02",),
    title=Text(fr="Jeton inventé, vide, ou mot de passe", en="Garbage, Basic or empty bearer"),
    failure=Text(
        fr="Un en-tête Authorization qui ne porte pas de jeton en vigueur n'est pas refusé par 401.",
        en="An Authorization header without a token in force is not refused by 401.",
    ),
    remedy=Text(
        fr="N'accepter que Bearer suivi d'un jeton connu et en vigueur ; répondre 401 à tout le reste.",
        en="Accept only Bearer followed by a known token in force; answer 401 to everything else.",
    ),
)
def useless_credentials(fhir: FhirClient, anonymous: FhirClient, expect: Expect) -> None:
    """Search with each of them; 400 is accepted where the header itself is malformed."""
    path = f"{sample(fhir, expect).type}?_count=1"
    cases = {"Bearer x": (401,), _UNSIGNED: (401,), _BASIC: (400, 401), "Bearer": (400, 401)}
    for value, allowed in cases.items():
        _refused(anonymous.get(path, headers={"Authorization": value}), expect, *allowed)


@probe(
    "L2-20",
    level=2,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L2-20",),
    title=Text(fr="Jeton altéré", en="Tampered access token"),
    failure=Text(
        fr="Un jeton dont un caractère a été changé est encore accepté.",
        en="A token of which one character was changed is still accepted.",
    ),
    remedy=Text(
        fr="Vérifier la signature du jeton entier, ou le chercher exactement ; ne jamais décoder sans "
        "vérifier.",
        en="Verify the signature of the whole token, or look it up exactly; never decode without verifying.",
    ),
)
def tampered_token(fhir: FhirClient, expect: Expect) -> None:
    """Change one character near the head, in the middle and near the tail: each segment of a JWT."""
    path = f"{sample(fhir, expect).type}?_count=1"
    token = _token(fhir, expect)
    for place in (5, len(token) // 2, len(token) - 5):
        _refused(
            fhir.get(path, headers={"Authorization": f"Bearer {_flipped(token, place)}"}),
            expect,
            _UNAUTHORIZED,
        )


@probe(
    "L2-24",
    level=2,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L2-24",),
    title=Text(fr="Jeton dans l'adresse ou le corps", en="Token in query or body"),
    failure=Text(
        fr="Un jeton en paramètre d'adresse ou de formulaire, que les journaux retiennent, est accepté.",
        en="A token in a query or form parameter, which logs remember, is accepted.",
    ),
    remedy=Text(
        fr="N'accepter le jeton que dans l'en-tête Authorization.",
        en="Accept the token in the Authorization header only.",
    ),
)
def token_elsewhere(fhir: FhirClient, anonymous: FhirClient, expect: Expect) -> None:
    """Give a good token as ``access_token``, in the query of a GET and in the form of a POST."""
    type_ = sample(fhir, expect).type
    parameters = {"_count": 1, "access_token": _token(fhir, expect)}
    for reply in (anonymous.search(type_, parameters), anonymous.search_by_post(type_, parameters)):
        _refused(reply, expect, 400, 401, 403, 404, 405, 415)


@probe(
    "L2-25",
    level=2,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L2-25",),
    title=Text(fr="Deux en-têtes Authorization", en="Two Authorization headers"),
    failure=Text(
        fr="Une requête avec deux en-têtes Authorization est servie : un mandataire peut avoir vérifié "
        "l'autre.",
        en="A request with two Authorization headers is served: a proxy may have verified the other one.",
    ),
    remedy=Text(
        fr="Répondre 400 quand Authorization est répété, avant de choisir l'un des deux.",
        en="Answer 400 when Authorization is repeated, before one of them is chosen.",
    ),
)
def two_authorizations(fhir: FhirClient, expect: Expect) -> None:
    """Send the good and a bad one by raw socket, in both orders, after showing that the good one works."""
    type_ = sample(fhir, expect).type
    good, bad = f"Bearer {_token(fhir, expect)}", "Bearer lab-no-such-token"
    control = _raw(fhir, type_, good)
    if control.status != 200:
        expect.name(control)
        expect.skip(
            f"La même requête avec un seul bon en-tête n'aboutit pas ({status_of(control)}).",
            f"The same request with one good header does not succeed ({status_of(control)}).",
        )
    for order in ((good, bad), (bad, good)):
        reply = _raw(fhir, type_, *order)
        expect.status(reply, 400, 401)


def _refused(reply: Reply, expect: Expect, *allowed: int) -> None:
    expect.status(reply, *allowed)
    expect.that(reply.type in {"", "OperationOutcome"}, expected="no data", seen=reply.type, evidence=[reply])


def _token(fhir: FhirClient, expect: Expect) -> str:
    token = fhir.authorization().removeprefix("Bearer ")
    if not token:
        expect.skip(
            "L'identité complète n'a pas de jeton : le serveur est ouvert.",
            "The full identity has no token: the server is open.",
        )
    return token


def _flipped(token: str, place: int) -> str:
    """Return the token with another character at the place, or after the dot that stands there.

    The last characters of a segment are avoided: their low bits can be unused.
    """
    place = max(0, min(place, len(token) - 2))
    place += token[place] == "."
    return f"{token[:place]}{'B' if token[place] == 'A' else 'A'}{token[place + 1 :]}"


def _raw(fhir: FhirClient, type_: str, *authorizations: str) -> Reply:
    url = f"{fhir.base_url}/{type_}?_count=1"
    parts = urlsplit(url)
    lines = [
        f"GET {parts.path}?{parts.query} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Accept: application/fhir+json",
        *(f"Authorization: {value}" for value in authorizations),
        "Connection: close",
    ]
    headers = tuple(("Authorization", value) for value in authorizations)
    return fhir.wire.send(Outgoing("GET", url, headers, raw="\r\n".join([*lines, "", ""]).encode()))
