"""SRV-BLK-01 and 02: how an export is ordered and followed to its manifest.

Spec: https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

from urllib.parse import quote

from lab.api import SHALL, Expect, FhirClient, Reply, Text, Truth, check, status_of
from lab.checks.address import is_absolute
from lab.checks.bulk import Export, cancelled, rest
from lab.checks.bulk_order import ASYNC, export_path, job_of, narrowed, refused_by_right
from lab.checks.date_range import date_range
from lab.checks.statement import objects
from lab.checks.wording import quoted

OK, ACCEPTED, TOO_MANY = 200, 202, 429
FORMATS = ("application/fhir+ndjson", "application/ndjson", "ndjson")
MOST_POLLS = 16


@check(
    "SRV-BLK-01",
    expectation=SHALL,
    requirements=tuple(f"bulk-server-2.0.0@{row}" for row in (49, 51, 52, 300, 301)),
    title=Text(fr="Demande d'export", en="Export kick-off"),
    failure=Text(
        fr="$export ne répond pas 202 avec un Content-Location absolu, ou refuse une des formes de "
        "_outputFormat.",
        en="$export does not answer 202 with an absolute Content-Location, or refuses one of the forms of "
        "_outputFormat.",
    ),
    remedy=Text(
        fr="Répondre 202 et Content-Location (URL absolue) ; accepter application/fhir+ndjson, "
        "application/ndjson et ndjson.",
        en="Answer 202 and Content-Location (absolute URL); accept application/fhir+ndjson, "
        "application/ndjson and ndjson.",
    ),
)
def kick_off(fhir: FhirClient, truth: Truth, expect: Expect) -> None:
    """Order an export by each form of _outputFormat, and cancel it at once."""
    path = narrowed(fhir, export_path(fhir, truth, expect))
    for form in FORMATS:
        asked = f"{path}{'&' if '?' in path else '?'}_outputFormat={quote(form)}"
        reply = fhir.get(asked, headers=ASYNC)
        try:
            refused_by_right(reply, expect)
            expect.that(
                reply.status == ACCEPTED,
                expected=f"HTTP 202 for _outputFormat={form}",
                seen=status_of(reply),
                evidence=[reply],
            )
            location = reply.header("content-location") or ""
            expect.that(
                is_absolute(location),
                expected="an absolute Content-Location",
                seen=quoted(location or "none"),
                evidence=[reply],
            )
        finally:
            cancelled(fhir, Export(reply, job_of(fhir, reply)))


@check(
    "SRV-BLK-02",
    expectation=SHALL,
    requirements=tuple(f"bulk-server-2.0.0@{row}" for row in (125, 132, 144, 150, 155, 159, 164, 168, 191)),
    title=Text(fr="Suivi et manifeste d'un export", en="Export status and manifest"),
    failure=Text(
        fr="Le suivi d'un export ne rend pas 202 puis 200 avec un manifeste complet.",
        en="The status of an export does not give 202, then 200 with a whole manifest.",
    ),
    remedy=Text(
        fr="Rendre un manifeste JSON avec transactionTime, request, requiresAccessToken, output et error ; "
        "joindre Retry-After à 202.",
        en="Return a JSON manifest with transactionTime, request, requiresAccessToken, output and error; add "
        "Retry-After to 202.",
    ),
)
def status_and_manifest(fhir: FhirClient, truth: Truth, expect: Expect) -> None:
    """Order an export and ask for it until it is done, a few times at most."""
    kickoff = fhir.get(narrowed(fhir, export_path(fhir, truth, expect)), headers=ASYNC)
    expect.name(kickoff)
    refused_by_right(kickoff, expect)
    job = job_of(fhir, kickoff)
    try:
        manifest = _followed(fhir, job, expect) if job else None
        if manifest is None:
            expect.skip(
                f"L'export n'est pas prêt après {MOST_POLLS} demandes ({status_of(kickoff)}).",
                f"The export is not ready after {MOST_POLLS} questions ({status_of(kickoff)}).",
            )
        _whole(expect, manifest)
    finally:
        cancelled(fhir, Export(kickoff, job))


def _followed(fhir: FhirClient, job: str, expect: Expect) -> Reply | None:
    for number in range(MOST_POLLS):
        reply = fhir.get(job, headers={"Accept": "application/json"})
        expect.name(reply)
        if reply.status not in {ACCEPTED, TOO_MANY}:
            expect.status(reply, OK)
            return reply
        expect.should(
            reply.header("retry-after") is not None,
            expected=f"Retry-After with {status_of(reply)}",
            seen="none",
            evidence=[reply],
        )
        rest(fhir, number)
    return None


def _whole(expect: Expect, manifest: Reply) -> None:
    said = manifest.json if isinstance(manifest.json, dict) else {}
    parts = {
        "transactionTime": date_range(said.get("transactionTime")) is not None,
        "request": isinstance(said.get("request"), str),
        "requiresAccessToken": isinstance(said.get("requiresAccessToken"), bool),
        "output": isinstance(said.get("output"), list),
        "error": isinstance(said.get("error"), list),
    }
    for name, right in parts.items():
        expect.that(
            right, expected=f"{name} in the manifest", seen=quoted(said.get(name)), evidence=[manifest]
        )
    for item in objects(said.get("output")):
        holds = isinstance(item.get("type"), str) and is_absolute(str(item.get("url")))
        expect.that(holds, expected="type and URL of each file", seen=quoted(item), evidence=[manifest])
