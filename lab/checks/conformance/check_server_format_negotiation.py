"""SRV-FMT: how a server chooses the format of an answer when it is asked in an unusual way.

Specs: https://hl7.org/fhir/R4/http.html#mime-type, https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
"""

from lab.api import SHALL, SHOULD, Expect, FhirClient, Reply, Text, check, status_of
from lab.checks.sample import sample
from lab.checks.wording import quoted

GENERIC, XML, PICTURE = "application/json", "application/fhir+xml", "image/png"
OK, NOT_ACCEPTABLE, FIRST_ERROR, FIRST_SERVER_ERROR = 200, 406, 400, 500


@check(
    "SRV-FMT-02",
    expectation=SHOULD,
    requirements=("fhir-r4@http-generic-mime",),
    title=Text(fr="JSON générique accepté", en="Generic JSON accepted"),
    failure=Text(
        fr="À Accept: application/json, le serveur ne répond pas la ressource en JSON.",
        en="Asked with Accept: application/json, the server does not answer the resource in JSON.",
    ),
    remedy=Text(
        fr="Traiter application/json dans Accept comme une demande du format JSON de FHIR.",
        en="Treat application/json in Accept as a request for the JSON format of FHIR.",
    ),
)
def generic_json(fhir: FhirClient, expect: Expect) -> None:
    """Read a resource as application/json; the FHIR media type is as good an answer as the generic one."""
    found = sample(fhir, expect)
    reply = fhir.get(f"{found.type}/{found.ids[0]}", headers={"Accept": GENERIC})
    _json(expect, reply, found.type)


@check(
    "SRV-FMT-03",
    expectation=SHOULD,
    requirements=("fhir-r4@http-format-parameter",),
    title=Text(fr="_format l'emporte sur Accept", en="_format overrides Accept"),
    failure=Text(
        fr="_format=json ne l'emporte pas sur un en-tête Accept qui demande autre chose.",
        en="_format=json does not win over an Accept header that asks for something else.",
    ),
    remedy=Text(
        fr="Quand _format est donné, choisir le format d'après lui seul et ignorer l'en-tête Accept.",
        en="When _format is given, choose the format from it alone and ignore the Accept header.",
    ),
)
def format_overrides_accept(fhir: FhirClient, expect: Expect) -> None:
    """Read a resource with ``_format=json`` and an Accept header that asks for XML."""
    found = sample(fhir, expect)
    path = f"{found.type}/{found.ids[0]}"
    _json(expect, fhir.get(path, {"_format": "json"}, {"Accept": XML}), found.type)


@check(
    "SRV-FMT-04",
    expectation=SHALL,
    requirements=("fhir-r4@http-negotiation", "fhir-r4@http-406-415"),
    title=Text(fr="Accept impossible à satisfaire", en="Accept that cannot be met"),
    failure=Text(
        fr="À Accept: image/png, le serveur tombe en erreur, donne à sa réponse un faux Content-Type ou "
        "répond sans tenir compte de la demande.",
        en="Asked with Accept: image/png, the server breaks, gives its answer a false Content-Type, or "
        "answers as if nothing had been asked.",
    ),
    remedy=Text(
        fr="Répondre 406, ou répondre dans un format de FHIR en le disant dans Content-Type.",
        en="Answer 406, or answer in a format of FHIR and say so in Content-Type.",
    ),
)
def impossible_accept(fhir: FhirClient, expect: Expect) -> None:
    """Read a resource as image/png: R4 recommends 406, HTTP lets a server disregard Accept, and no more."""
    found = sample(fhir, expect)
    reply = fhir.get(f"{found.type}/{found.ids[0]}", headers={"Accept": PICTURE})
    expect.that(
        reply.status == OK or FIRST_ERROR <= reply.status < FIRST_SERVER_ERROR,
        expected=f"HTTP {NOT_ACCEPTABLE}, or a full answer",
        seen=status_of(reply),
        evidence=[reply],
    )
    if reply.status == OK:
        expect.that(
            _media_type(reply) != PICTURE,
            expected="the Content-Type of what is sent",
            seen=quoted(f"{reply.type or 'a body'} as {_media_type(reply)}"),
            evidence=[reply],
        )
    expect.should(
        reply.status == NOT_ACCEPTABLE,
        expected=f"HTTP {NOT_ACCEPTABLE}",
        seen=status_of(reply),
        evidence=[reply],
    )


def _json(expect: Expect, reply: Reply, type_: str) -> None:
    expect.status(reply, OK)
    expect.that(
        reply.type == type_ and "json" in _media_type(reply),
        expected=f"a {type_} in JSON",
        seen=quoted(f"{reply.type or 'no JSON'}, Content-Type {_media_type(reply)}"),
        evidence=[reply],
    )


def _media_type(reply: Reply) -> str:
    return (reply.header("content-type") or "none").partition(";")[0].strip().lower()
