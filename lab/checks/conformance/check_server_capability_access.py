"""SRV-CAP: who may read what a server says of itself, and how to know that it changed.

Spec: https://hl7.org/fhir/R4/http.html#capabilities
"""

from lab.api import SHOULD, Expect, FhirClient, Text, check, status_of
from lab.checks.statement import objects, part, statement
from lab.checks.wording import quoted

OK = 200
CLOSED = frozenset({401, 403})


@check(
    "SRV-CAP-03",
    expectation=SHOULD,
    requirements=("laboratory@open-metadata",),
    title=Text(fr="Déclaration lisible sans jeton", en="Capability statement without a token"),
    failure=Text(
        fr="GET /metadata sans jeton ne rend pas le CapabilityStatement, et rien ne dit qu'il en faut un.",
        en="GET /metadata without a token does not return the CapabilityStatement, and nothing says why.",
    ),
    remedy=Text(
        fr="Ouvrir /metadata sans jeton, ou dire dans rest.security.description qu'il en faut un.",
        en="Open /metadata without a token, or say in rest.security.description that one is needed.",
    ),
)
def readable_without_token(anonymous: FhirClient, fhir: FhirClient, expect: Expect) -> None:
    """Read /metadata without a token; a server that wants one may say so in its CapabilityStatement."""
    reply = anonymous.get("metadata")
    if reply.status in CLOSED:
        said = statement(fhir).reply
        rests = objects(said.resource.get("rest"))
        described = [part(rest, "security").get("description") for rest in rests]
        if any(isinstance(words, str) and words.strip() for words in described):
            expect.name(reply, said)
            expect.omit(
                f"/metadata demande un jeton ({status_of(reply)}), et rest.security.description le décrit.",
                f"/metadata asks for a token ({status_of(reply)}), and rest.security.description tells how.",
            )
    expect.status(reply, OK)
    expect.that(
        reply.type == "CapabilityStatement",
        expected="a CapabilityStatement",
        seen=quoted(reply.type or "no resource"),
        evidence=[reply],
    )


@check(
    "SRV-CAP-07",
    expectation=SHOULD,
    requirements=("fhir-r4@http-capabilities-etag",),
    title=Text(fr="ETag de la déclaration de capacités", en="ETag on the capability statement"),
    failure=Text(
        fr="/metadata n'a pas d'ETag, ou son ETag ne suit pas le contenu.",
        en="/metadata has no ETag, or its ETag does not follow the content.",
    ),
    remedy=Text(
        fr="Envoyer avec le CapabilityStatement un ETag qui change quand, et seulement quand, il change.",
        en="Send with the CapabilityStatement an ETag that changes when, and only when, it changes.",
    ),
)
def etag_of_statement(fhir: FhirClient, expect: Expect) -> None:
    """Read /metadata twice: the same content has the same ETag, and another content another one."""
    first, second = fhir.get("metadata"), fhir.get("metadata")
    for reply in (first, second):
        expect.status(reply, OK)
        expect.that(bool(reply.header("etag")), expected="an ETag", seen="none", evidence=[reply])
    same = first.json == second.json
    tags = [quoted(reply.header("etag")) for reply in (first, second)]
    expect.that(
        (tags[0] == tags[1]) is same,
        expected="the same ETag for the same content" if same else "another ETag for another content",
        seen=" then ".join(tags),
        evidence=[first, second],
    )
