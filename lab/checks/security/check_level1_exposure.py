"""Level 1, network: no path escapes the rule of the network, and nothing stands beside the application.

Source: five-levels reference, L1; OWASP API8:2023 and API9:2023
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from lab.api import CRITICAL, MEDIUM, SERVER, Expect, FhirClient, Reply, Text, Truth, probe, status_of
from lab.checks.security.network_refusal import readable, shut_out
from lab.fhir.client import origin

_OF_FHIR = ("metadata", ".well-known/smart-configuration")
_BESIDE = (
    "/",
    "/docs",
    "/openapi.json",
    "/swagger-ui.html",
    "/health",
    "/healthz",
    "/metrics",
    "/actuator/health",
    "/admin",
)
_NOTHING = 404
_UNREACHABLE = ("refused", "ConnectTimeout", "unreachable", "No route to host")
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@probe(
    "L1-12",
    level=1,
    severity=MEDIUM,
    role=SERVER,
    requirements=("five-levels@L1-12",),
    title=Text(fr="Chemins hors de la règle du réseau", en="Coverage of every path by the network rule"),
    failure=Text(
        fr="Un chemin répond à une adresse refusée autrement que ne le déclare server.exposure.",
        en="A path answers a refused address otherwise than server.exposure declares.",
    ),
    remedy=Text(
        fr="Appliquer la règle du réseau avant tout routage, documentation et sondes de santé comprises, et "
        "déclarer dans server.exposure les seuls chemins ouverts à tous.",
        en="Apply the network rule before any routing, documentation and health paths included, and declare "
        "in server.exposure the only paths that are open to everybody.",
    ),
)
def every_path(fhir: FhirClient, stranger: FhirClient, truth: Truth, expect: Expect) -> None:
    """Ask for each usual path, and each declared one, from the refused address.

    Undeclared, a path of FHIR or of tokens must be answered 403; beside them a 404 shows nothing either.
    """
    readable(fhir, expect)
    server = truth.subject.server
    exposure = server.exposure if server else {}
    home, base = origin(fhir.base_url), urlsplit(fhir.base_url).path
    within = [f"{base}/{path}" for path in _OF_FHIR]
    for path in dict.fromkeys([*within, *_BESIDE, *exposure]):
        reply = stranger.get(f"{home}{path}")
        _as_declared(reply, path, exposure, expect, inside=path.startswith(f"{base}/"))
    if server is not None and server.token_url:
        form = b"grant_type=client_credentials"
        reply = stranger.request("POST", server.token_url, headers=_FORM | {"Authorization": ""}, body=form)
        _as_declared(reply, urlsplit(server.token_url).path, exposure, expect, inside=True)


@probe(
    "L1-13",
    level=1,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L1-13",),
    title=Text(fr="Accès direct au serveur en amont", en="Direct access to the upstream server"),
    failure=Text(
        fr="Le serveur qui se tient derrière l'application répond directement.",
        en="The server that stands behind the application answers directly.",
    ),
    remedy=Text(
        fr="Ne laisser que l'application joindre ce serveur : interface locale ou réseau privé, et pare-feu.",
        en="Let only the application reach that server: a local interface or network, and a firewall.",
    ),
)
def upstream(fhir: FhirClient, anonymous: FhirClient, truth: Truth, expect: Expect) -> None:
    """Connect to the declared address, without a token: any answer at all is one too many."""
    server = truth.subject.server
    if server is None or not server.upstream_url:
        expect.omit(
            "Le manifeste ne déclare aucun serveur derrière l'application (server.upstream_url).",
            "The manifest declares no server behind the application (server.upstream_url).",
        )
    path = readable(fhir, expect)
    for at in ("metadata", path):
        reply = anonymous.get(f"{server.upstream_url.rstrip('/')}/{at}")
        unreachable = any(word in reply.error for word in _UNREACHABLE)
        if reply.status == 0 and reply.error.startswith("ConnectError") and not unreachable:
            expect.name(reply)
            expect.skip(
                f"L'adresse déclarée ne peut pas être essayée ({reply.error}).",
                f"The declared address cannot be tried ({reply.error}).",
            )
        expect.that(
            reply.status == 0 and unreachable,
            expected="connection refused, or no way there",
            seen=status_of(reply),
            evidence=[reply],
        )


def _as_declared(
    reply: Reply, path: str, exposure: Mapping[str, int], expect: Expect, *, inside: bool
) -> None:
    if path in exposure:
        expect.that(
            reply.status == exposure[path],
            expected=f"HTTP {exposure[path]} for {path}, as server.exposure declares",
            seen=status_of(reply),
            evidence=[reply],
        )
    else:
        shut_out(reply, expect, f"the path {path}", statuses=(403,) if inside else (403, _NOTHING))
