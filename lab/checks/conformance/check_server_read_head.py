"""SRV-RD: HEAD, which asks what GET would answer without its content.

Specs: https://hl7.org/fhir/R4/http.html#head, https://www.rfc-editor.org/rfc/rfc9110#section-9.3.2
"""

from lab.api import SHALL, Expect, FhirClient, Text, check, status_of
from lab.checks.sample import sample
from lab.checks.wording import quoted

NOT_OFFERED = frozenset({405, 501})
UNKNOWN = "lab-no-such-id"
LINES = ("content-type", "etag", "last-modified")


@check(
    "SRV-RD-05",
    expectation=SHALL,
    requirements=("fhir-r4@http-head",),
    title=Text(fr="HEAD répond comme GET", en="HEAD answers as GET does"),
    failure=Text(
        fr="HEAD ne répond pas avec le statut et les en-têtes de GET, ou envoie un corps.",
        en="HEAD does not answer with the status and headers of GET, or sends a body.",
    ),
    remedy=Text(
        fr="Traiter HEAD comme GET et n'envoyer que le statut et les en-têtes ; sinon répondre 405 ou 501.",
        en="Treat HEAD as GET and send only the status and the headers; otherwise answer 405 or 501.",
    ),
)
def head_as_get(fhir: FhirClient, expect: Expect) -> None:
    """Ask by HEAD and by GET for a resource that is there and for one that is not; HEAD may be refused.

    A refusal must be one of HTTP, such as 405 or 501; another status, or a body, breaks HTTP itself.
    """
    found = sample(fhir, expect)
    for id_ in (found.ids[0], UNKNOWN):
        got = fhir.read(found.type, id_)
        head = fhir.request("HEAD", f"{found.type}/{id_}")
        if head.status in NOT_OFFERED:
            expect.name(head)
            expect.omit(
                f"Le serveur n'offre pas HEAD ({status_of(head)}), ce que FHIR permet.",
                f"The server does not offer HEAD ({status_of(head)}), which FHIR allows.",
            )
        expect.that(
            head.status == got.status,
            expected=f"{status_of(got)}, as GET",
            seen=status_of(head),
            evidence=[got, head],
        )
        expect.that(not head.body, expected="no body", seen=f"{len(head.body)} bytes", evidence=[head])
        for name in LINES:
            expect.should(  # HTTP: the same header fields SHOULD be sent, and some may be left out
                head.header(name) in (None, got.header(name)),
                expected=quoted(f"{name}: {got.header(name)}"),
                seen=quoted(head.header(name)),
                evidence=[got, head],
            )
