"""SRV-ERR: how a server refuses.

Specs: https://hl7.org/fhir/R4/http.html#Status-Codes, https://www.rfc-editor.org/rfc/rfc6750#section-3
"""

from lab.api import SHALL, SHOULD, Expect, FhirClient, Reply, Text, Truth, check, status_of
from lab.checks.statement import objects, statement
from lab.checks.wording import quoted

SEVERITIES = frozenset({"fatal", "error", "warning", "information"})
NO_SUCH = "lab-no-such"


@check(
    "SRV-ERR-01",
    expectation=SHOULD,
    requirements=("fhir-r4@http-error-outcome",),
    title=Text(fr="Un OperationOutcome à chaque erreur", en="Errors carry an OperationOutcome"),
    failure=Text(
        fr="Une réponse d'erreur ne porte pas d'OperationOutcome avec severity et code.",
        en="An error answer does not carry an OperationOutcome with severity and code.",
    ),
    remedy=Text(
        fr="Joindre à chaque 4xx et 5xx un OperationOutcome dont chaque issue a severity et code.",
        en="Give each 4xx and 5xx an OperationOutcome whose every issue has severity and code.",
    ),
)
def errors_carry_outcome(fhir: FhirClient, expect: Expect) -> None:
    """Ask for an unknown id, an unknown type, a malformed date and a form of the wrong media type."""
    types = statement(fhir).offering("search-type") or statement(fhir).offering("read")
    if not types:
        expect.skip("Aucun type déclaré : voir SRV-CAP-02.", "No declared type: see SRV-CAP-02.")
    type_ = types[0]
    replies = [
        fhir.read(type_, f"{NO_SUCH}-id"),
        fhir.search("LabNoSuchType"),
        fhir.search(type_, _lastUpdated=f"{NO_SUCH}-date"),
        fhir.request("POST", f"{type_}/_search", headers={"Content-Type": "image/png"}, body=b"lab"),
    ]
    errors = [reply for reply in replies if reply.status >= 400]
    if not errors:
        expect.skip("Aucune erreur n'a pu être provoquée.", "No error could be provoked.")
    for reply in errors:
        expect.that(
            reply.type == "OperationOutcome",
            expected=f"an OperationOutcome with {status_of(reply)}",
            seen=quoted(reply.type or "no resource"),
            evidence=[reply],
        )
        expect.that(
            _has_issues(reply),
            expected="issues with severity and code",
            seen="an OperationOutcome without them",
            evidence=[reply],
        )


@check(
    "SRV-ERR-03",
    expectation=SHALL,
    requirements=("fhir-r4@http-401", "smart-server-2.2.0@rfc6750-challenge"),
    title=Text(fr="401 sans jeton valable", en="401 without a valid token"),
    failure=Text(
        fr="Sans jeton valable, le serveur ne répond pas 401 avec WWW-Authenticate, ou donne des données.",
        en="Without a valid token, the server does not answer 401 with WWW-Authenticate, or gives data.",
    ),
    remedy=Text(
        fr="Répondre 401 et WWW-Authenticate: Bearer, sans donnée, quand le jeton manque ou est inconnu.",
        en="Answer 401 and WWW-Authenticate: Bearer, without data, when the token is missing or unknown.",
    ),
)
def no_data_without_token(fhir: FhirClient, anonymous: FhirClient, expect: Expect, truth: Truth) -> None:
    """Search without a token, then with one that nobody issued."""
    server = truth.subject.server
    identity = server.identity("full") if server else None
    if identity is None or identity.issuer == "nobody":
        expect.omit(
            'Le manifeste déclare un serveur ouvert (issuer = "nobody").',
            'The manifest declares an open server (issuer = "nobody").',
        )
    said = statement(fhir)
    types = said.offering("search-type") or said.offering("read")
    if not types:
        expect.skip("Aucun type déclaré : voir SRV-CAP-02.", "No declared type: see SRV-CAP-02.")
    path = types[0] if "search-type" in said.types[types[0]].interactions else f"{types[0]}/{NO_SUCH}-id"
    for token in ("", "Bearer lab-no-such-token"):
        reply = anonymous.get(path, headers={"Authorization": token})
        expect.status(reply, 401)
        challenge = reply.header("www-authenticate")
        expect.that(bool(challenge), expected="a WWW-Authenticate header", seen="none", evidence=[reply])
        expect.that(
            reply.type in {"", "OperationOutcome"},
            expected="no data",
            seen=quoted(reply.type),
            evidence=[reply],
        )


def _has_issues(reply: Reply) -> bool:
    issues = objects(reply.resource.get("issue"))
    return bool(issues) and all(
        issue.get("severity") in SEVERITIES and isinstance(issue.get("code"), str) for issue in issues
    )
