"""SRV-SMT-06: what a server offers to resource servers and to browsers, where it offers it.

Specs: https://www.rfc-editor.org/rfc/rfc7662#section-2.2, https://fetch.spec.whatwg.org
"""

from urllib.parse import urlencode

from lab.api import SHALL, Expect, FhirClient, Reply, Text, check, status_of
from lab.checks.address import same_origin
from lab.checks.wording import quoted

CONFIGURATION = ".well-known/smart-configuration"
ORIGIN = "https://lab.example.org"
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
OK = 200


@check(
    "SRV-SMT-06",
    expectation=SHALL,
    requirements=("smart-server-2.2.0@introspection-inactive", "fhir-r4@http-cors"),
    title=Text(fr="Introspection et CORS", en="Introspection and CORS"),
    failure=Text(
        fr="L'introspection dit actif un jeton que personne n'a émis, ou CORS n'est ouvert que sur une "
        "partie des adresses publiques.",
        en="Introspection says active of a token that nobody issued, or CORS is open on some of the public "
        "addresses only.",
    ),
    remedy=Text(
        fr="Répondre active: false à tout jeton inconnu, expiré ou révoqué ; ouvrir CORS sur /metadata, "
        ".well-known et le serveur de jetons, ou sur aucun.",
        en="Answer active: false to every unknown, expired or revoked token; open CORS on /metadata, "
        ".well-known and the token endpoint, or on none.",
    ),
)
def introspection_and_cors(fhir: FhirClient, anonymous: FhirClient, expect: Expect) -> None:
    """Introspect a token that nobody issued; ask the public addresses as a browser would.

    What introspection says is a MUST of RFC 7662; CORS is recommended.
    """
    configuration = anonymous.get(CONFIGURATION)
    said = configuration.json if isinstance(configuration.json, dict) else {}
    expect.name(configuration)
    shown = _introspection(fhir, expect, said.get("introspection_endpoint"))
    replies = {url: _preflight(anonymous, url) for url in _public(fhir, said.get("token_endpoint"))}
    opened = [url for url, reply in replies.items() if _is_open(reply)]
    expect.name(*replies.values())
    if opened:
        closed = [url for url in replies if url not in opened]
        expect.should(
            not closed,
            expected="CORS on every public address",
            seen=f"none on {', '.join(closed)}",
            evidence=list(replies.values()),
        )
    elif not shown:
        expect.omit(
            "Le serveur ne déclare pas d'introspection_endpoint et n'ouvre CORS sur aucune adresse publique.",
            "The server declares no introspection_endpoint and opens CORS on no public address.",
        )


def _introspection(fhir: FhirClient, expect: Expect, url: object) -> bool:
    """Ask about a token that nobody issued; False when there is nobody to ask, or the asker is refused."""
    if not isinstance(url, str) or not same_origin(fhir.base_url, url):
        return False
    reply = fhir.request("POST", url, headers=FORM, body=urlencode({"token": "lab-no-such-token"}).encode())
    expect.name(reply)
    if reply.status in {401, 403}:
        return False
    active = reply.json.get("active") if isinstance(reply.json, dict) else None
    expect.that(
        reply.status == OK and active is False,
        expected="active: false",
        seen=f"{status_of(reply)}, {quoted(active)}",
        evidence=[reply],
    )
    return True


def _public(fhir: FhirClient, token_url: object) -> list[str]:
    own = [f"{fhir.base_url}/metadata", f"{fhir.base_url}/{CONFIGURATION}"]
    reachable = isinstance(token_url, str) and same_origin(fhir.base_url, token_url)
    return [*own, str(token_url)] if reachable else own


def _preflight(anonymous: FhirClient, url: str) -> Reply:
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST" if "token" in url.rpartition("/")[2] else "GET",
        "Access-Control-Request-Headers": "accept,content-type",
    }
    return anonymous.request("OPTIONS", url, headers=asked)


def _is_open(reply: Reply) -> bool:
    return 200 <= reply.status < 300 and reply.header("access-control-allow-origin") in {"*", ORIGIN}
