"""SRV-ERR-05: methods that a path does not have, a large body and a long address.

Specs: https://hl7.org/fhir/R4/http.html#Status-Codes, https://www.rfc-editor.org/rfc/rfc9110#section-15.5.6
"""

from lab.api import SHOULD, Expect, FhirClient, Reply, Text, check, status_of
from lab.checks.statement import statement

OK, NOT_ALLOWED, NOT_IMPLEMENTED = 200, 405, 501
LARGE, LONG = 1_000_000, 16_000
CUT = ("WriteError", "ReadError", "RemoteProtocolError")


@check(
    "SRV-ERR-05",
    expectation=SHOULD,
    requirements=("laboratory@limits-answered", "fhir-r4@rfc9110-allow"),
    title=Text(fr="Méthodes et tailles refusées proprement", en="Method and size limits"),
    failure=Text(
        fr="Une méthode inconnue, un corps énorme ou une adresse très longue fait échouer le serveur, ou 405 "
        "vient sans Allow.",
        en="An unknown method, a huge body or a very long address makes the server fail, or 405 comes "
        "without Allow.",
    ),
    remedy=Text(
        fr="Répondre 405 avec Allow à une méthode que le chemin n'a pas, 413 à un corps trop grand, 414 à "
        "une adresse trop longue.",
        en="Answer 405 with Allow to a method that the path does not have, 413 to a body that is too large, "
        "414 to an address that is too long.",
    ),
)
def limits(fhir: FhirClient, expect: Expect) -> None:
    """Send what changes nothing: DELETE of the statement, a search of 1 MB, an id of 16,000 characters."""
    said = statement(fhir)
    types = said.offering("search-type")
    if not types:
        expect.skip("Aucun type cherchable : voir SRV-CAP-02.", "No searchable type: see SRV-CAP-02.")
    method = fhir.request("DELETE", "metadata")
    _not_broken(expect, method, "DELETE metadata")
    expect.that(
        method.status >= 400, expected="HTTP 405", seen=status_of(method), evidence=[said.reply, method]
    )
    allowed = method.header("allow")
    expect.that(
        method.status != NOT_ALLOWED or allowed is not None,
        expected="an Allow header with HTTP 405",
        seen="none",
        evidence=[method],
    )
    expect.should(
        method.status in {NOT_ALLOWED, NOT_IMPLEMENTED},
        expected="HTTP 405",
        seen=status_of(method),
        evidence=[method],
    )
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    large = fhir.request("POST", f"{types[0]}/_search", headers=form, body=b"_id=" + b"a" * LARGE)
    _not_broken(expect, large, "a body of 1 MB")
    long = fhir.get(f"{types[0]}?_id={'a' * LONG}")
    _not_broken(expect, long, "an address of 16,000 characters")
    after = fhir.get("metadata")
    expect.that(
        after.status == OK,
        expected="an answer afterwards",
        seen=status_of(after),
        evidence=[large, long, after],
    )


def _not_broken(expect: Expect, reply: Reply, what: str) -> None:
    """Accept any answer but a failure; a server that stops reading what is too large may close the line."""
    closed = reply.status == 0 and reply.error.startswith(CUT) and what != "DELETE metadata"
    expect.that(
        closed or 0 < reply.status < 500 or reply.status == NOT_IMPLEMENTED,
        expected=f"HTTP 4xx to {what}",
        seen=status_of(reply),
        evidence=[reply],
    )
