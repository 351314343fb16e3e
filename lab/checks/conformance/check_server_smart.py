"""SRV-SMT: the SMART configuration that a server publishes.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html#using-well-known
"""

from lab.api import SHALL, Expect, FhirClient, Reply, Text, check, status_of
from lab.checks.address import is_absolute
from lab.checks.wording import quoted

PATH = ".well-known/smart-configuration"
OK = 200
UNAVAILABLE = frozenset({0, 500, 502, 503, 504})
ENDPOINTS = (
    "token_endpoint",
    "authorization_endpoint",
    "introspection_endpoint",
    "registration_endpoint",
    "revocation_endpoint",
    "management_endpoint",
    "jwks_uri",
)
LISTS = ("grant_types_supported", "capabilities")


@check(
    "SRV-SMT-01",
    expectation=SHALL,
    requirements=tuple(f"smart-server-2.2.0@{row}" for row in (374, 377, 378, 384, 385, 393)),
    title=Text(fr="Configuration SMART", en="SMART configuration document"),
    failure=Text(
        fr="La configuration SMART publiée n'est pas du JSON public, ou il y manque un élément obligatoire.",
        en="The SMART configuration published is not public JSON, or lacks a mandatory element.",
    ),
    remedy=Text(
        fr="Servir sans jeton, en application/json quel que soit Accept, token_endpoint (URL absolue), "
        "grant_types_supported et capabilities.",
        en="Serve without a token, as application/json whatever Accept says, token_endpoint (absolute URL), "
        "grant_types_supported and capabilities.",
    ),
)
def smart_configuration(anonymous: FhirClient, fhir: FhirClient, expect: Expect) -> None:
    """Read the document without a token under two Accept headers; a server may publish none."""
    replies = [
        anonymous.get(PATH, headers={"Accept": accept}) for accept in ("application/json", "text/html")
    ]
    if not any(reply.status == OK for reply in replies):
        _end_unless_published(fhir, expect, replies[0])
    for reply in replies:
        expect.status(reply, OK)
        media_type = (reply.header("content-type") or "none").partition(";")[0].strip().lower()
        expect.that(
            media_type == "application/json",
            expected="Content-Type application/json",
            seen=quoted(media_type),
            evidence=[reply],
        )
        _content(expect, reply)


def _end_unless_published(fhir: FhirClient, expect: Expect, reply: Reply) -> None:
    """Go on only when a token opens the document: it is published then, and wrongly so."""
    if fhir.get(PATH).status == OK:
        return
    expect.name(reply)
    if reply.status in UNAVAILABLE:
        expect.skip(
            f"La configuration SMART n'est pas servie en ce moment ({status_of(reply)}).",
            f"The SMART configuration is not served at the moment ({status_of(reply)}).",
        )
    expect.omit(
        f"Le serveur ne publie pas de configuration SMART ({status_of(reply)}).",
        f"The server publishes no SMART configuration ({status_of(reply)}).",
    )


def _content(expect: Expect, reply: Reply) -> None:
    document = reply.json if isinstance(reply.json, dict) else {}
    expect.that(
        isinstance(document.get("token_endpoint"), str),
        expected="a token_endpoint",
        seen=quoted(document.get("token_endpoint")),
        evidence=[reply],
    )
    for name in ENDPOINTS:
        url = document.get(name)
        absolute = isinstance(url, str) and is_absolute(url)
        expect.that(
            name not in document or absolute,
            expected=f"{name} as an absolute URL",
            seen=quoted(url),
            evidence=[reply],
        )
    for name in LISTS:
        values = document.get(name)
        listed = isinstance(values, list) and all(isinstance(value, str) for value in values)
        expect.that(
            listed,
            expected=f"{name} as a list of strings",
            seen=quoted(type(values).__name__),
            evidence=[reply],
        )
