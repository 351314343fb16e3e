"""An export that is ordered for a check, small where the laboratory planted a Group, and cancelled after it.

Spec: https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

from collections.abc import Iterator
from contextlib import contextmanager

from lab.api import COHORT, Expect, FhirClient, Reply, Truth, status_of
from lab.checks.address import resolved, same_origin
from lab.checks.bulk import Export, cancelled, export
from lab.checks.statement import objects, statement

ASYNC = {"Prefer": "respond-async", "Accept": "application/fhir+json"}
_POLLS = 16
_ACCEPTED, _BAD_REQUEST = 202, 400


def export_path(fhir: FhirClient, truth: Truth, expect: Expect) -> str:
    """Return the path of an export that the server declares; omits the check when it declares none."""
    reply = statement(fhir).reply
    expect.name(reply)
    rests = objects(reply.resource.get("rest"))
    on_type = {
        str(resource.get("type"))
        for rest in rests
        for resource in objects(rest.get("resource"))
        if _exports(resource.get("operation"))
    }
    if "Group" in on_type and COHORT in truth.canary.groups:
        return f"Group/{COHORT}/$export"
    if "Patient" in on_type:
        return "Patient/$export"
    if any(_exports(rest.get("operation")) for rest in rests):
        return "$export"
    expect.omit(
        "Le CapabilityStatement ne déclare pas l'opération export sur le serveur, Patient ni Group.",
        "The CapabilityStatement declares export neither on the server nor on Patient or Group.",
    )


@contextmanager
def ordered(fhir: FhirClient, path: str, expect: Expect, polls: int = _POLLS) -> Iterator[Export]:
    """Order an export for the length of the block; skips the check when it is not done in a few questions."""
    order = export(fhir, path, polls)
    expect.name(order.kickoff)
    try:
        refused_by_right(order.kickoff, expect)
        if not order.accepted:
            expect.skip(
                f"L'export n'est pas accepté ({status_of(order.kickoff)}) : voir SRV-BLK-01.",
                f"The export is not accepted ({status_of(order.kickoff)}): see SRV-BLK-01.",
            )
        if order.manifest is None:
            expect.skip(
                f"L'export n'est pas prêt après {polls} demandes.",
                f"The export is not ready after {polls} questions.",
            )
        expect.name(order.manifest)
        yield order
    finally:
        cancelled(fhir, order)


def narrowed(fhir: FhirClient, path: str) -> str:
    """Return the path of an export of patients only; of everything where _type is refused, as it may be."""
    kickoff = fhir.get(f"{path}?_type=Patient", headers=ASYNC)
    cancelled(fhir, Export(kickoff, job_of(fhir, kickoff)))
    return path if kickoff.status == _BAD_REQUEST else f"{path}?_type=Patient"


def job_of(fhir: FhirClient, kickoff: Reply) -> str:
    """Return where a job is followed, an empty text when there is none on this server."""
    location = resolved(f"{fhir.base_url}/", kickoff.header("content-location") or "")
    return location if kickoff.status == _ACCEPTED and same_origin(fhir.base_url, location) else ""


def refused_by_right(kickoff: Reply, expect: Expect) -> None:
    """Omit the check when the identity of the laboratory may not export."""
    if kickoff.status in {401, 403}:
        expect.name(kickoff)
        expect.omit(
            f"L'identité full n'a pas le droit d'exporter ({status_of(kickoff)}).",
            f"The identity full may not export ({status_of(kickoff)}).",
        )


def _exports(operations: object) -> bool:
    return any(
        str(one.get("name")).lstrip("$").endswith("export") or str(one.get("definition")).endswith("-export")
        for one in objects(operations)
    )
