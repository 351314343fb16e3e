"""What a refusal is: one of the allowed statuses, and nothing but an OperationOutcome.

Spec: https://hl7.org/fhir/R4/http.html#Status-Codes
"""

from lab.api import Expect, Reply, status_of


def refused(reply: Reply, expect: Expect, *allowed: int, sent: str = "") -> None:
    """Expect a refusal; ``sent`` says in a few words what was tried."""
    expect.that(
        reply.status in allowed,
        expected="HTTP " + " / ".join(map(str, allowed)),
        seen=f"{status_of(reply)} for {sent}" if sent else status_of(reply),
        evidence=[reply],
    )
    no_data(reply, expect, sent=sent)


def no_data(reply: Reply, expect: Expect, *, sent: str = "") -> None:
    """Expect that no resource comes, whatever the status."""
    expect.that(
        reply.type in {"", "OperationOutcome"},
        expected="no data",
        seen=f"{reply.type} for {sent}" if sent else reply.type,
        evidence=[reply],
    )
