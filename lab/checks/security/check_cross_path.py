"""Across the levels: a path is read once, in one way; nothing leads out of the API or around a decision.

Specs: RFC 3986 section 2.2 (a reserved character and its encoding differ), CWE-22.
"""

from lab.api import HIGH, SERVER, Expect, FhirClient, Reply, Text, Truth, probe, status_of
from lab.checks.security.both_sides import Located, in_scope, out_of_scope
from lab.checks.security.likeness import answered
from lab.checks.security.raw_request import base_path, control, head, sent
from lab.checks.security.refused import no_data
from lab.checks.security.restriction import restriction

_OK = 200
_REFUSED = 300


@probe(
    "X-03",
    level=None,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@X-03",),
    title=Text(fr="Jeux de chemins", en="Path games"),
    failure=Text(
        fr="Un chemin encodé sort de l'API, contourne une décision, ou est décodé deux fois.",
        en="An encoded path leads out of the API, gets round a decision, or is decoded twice.",
    ),
    remedy=Text(
        fr="Refuser par 400 les chemins bruts qui contiennent %2f, %25, %2e, //, .., ; ou un UTF-8 "
        "invalide, avant "
        "de décider.",
        en="Refuse with 400 raw paths that hold %2f, %25, %2e, //, .., ; or invalid UTF-8, before deciding.",
    ),
)
def path_games(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Walk out of the API, towards a closed resource, and to one in scope, by paths written oddly."""
    limits = restriction(truth, expect)
    ours = in_scope(fhir, restricted, limits, expect)
    control(restricted, ours.path, expect)
    closed, _ = out_of_scope(fhir, limits, expect)
    base = base_path(restricted)
    for target in _out(base):
        reply = _asked(restricted, target)
        answered(reply, expect)
        expect.that(
            reply.status >= _REFUSED and "root:x:" not in reply.text,
            expected="400 or 404",
            seen=f"{status_of(reply)} for {target}",
            evidence=[reply],
        )
    for target in _around(base, ours, closed):
        reply = _asked(restricted, target)
        answered(reply, expect)
        no_data(reply, expect, sent=target)
    for target in (
        f"{base}/{ours.type}%2f{ours.id}",
        f"{base}/{ours.type}/%252e/{ours.id}",
        f"{base}/{ours.type}/%c0%ae/{ours.id}",
    ):
        reply = _asked(restricted, target)
        answered(reply, expect)
        expect.that(
            reply.status != _OK, expected="400 or 404", seen=f"HTTP 200 for {target}", evidence=[reply]
        )
    merged = _asked(restricted, f"{base}//{ours.path}")
    answered(merged, expect)
    # Merging slashes is common, and harmless where the decision is made on the merged path.
    expect.should(merged.status != _OK, expected="400 or 404", seen="HTTP 200 for //", evidence=[merged])


def _asked(client: FhirClient, target: str) -> Reply:
    return sent(client, head(client, f"GET {target} HTTP/1.1"))


def _out(base: str) -> tuple[str, ...]:
    return (
        f"{base}/%2e%2e/admin",
        f"{base}/..%2f..%2f..%2f..%2fetc/passwd",
        f"{base}/%252e%252e/%252e%252e/%252e%252e/etc/passwd",
        f"{base}/%c0%ae%c0%ae/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd",
        f"{base}/..;/..;/admin",
        f"{base}/../../../../etc/passwd",
    )


def _around(base: str, ours: Located, closed: Located) -> tuple[str, ...]:
    letter = f"%{ord(closed.type[0]):02x}"
    return (
        f"{base}//{closed.path}",
        f"{base}/./{closed.path}",
        f"{base}/{ours.type}/../{closed.path}",
        f"{base}/{ours.type}/%2e%2e/{closed.path}",
        f"{base}/{ours.type}%2f..%2f{closed.type}%2f{closed.id}",
        f"{base}/{ours.path}/..%2f..%2f{closed.path}",
        f"{base}/{ours.path}/..;/..;/{closed.path}",
        f"{base}/{closed.type}%2f{closed.id}",
        f"{base}/{letter}{closed.type[1:]}/{closed.id}",
    )
