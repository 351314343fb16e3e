"""``$export-status/[job]``: how far a bulk export is, then its manifest; DELETE ends and forgets it.

Spec: https://hl7.org/fhir/uv/bulkdata/STU2/export.html#bulk-data-status-request
"""

from email.utils import formatdate

import orjson

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.view import View
from lab.fhirserver.operations.export_job import Failure, File, Job, State
from lab.fhirserver.server import Server
from lab.fhirserver.storage.times import instant

RETRY_AFTER_S = 1
_TOO_SOON_S = 0.5  # less than the Retry-After, which clients round


def export_status(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    """Answer 202 while the job runs, then 200 with the manifest; 202 to DELETE."""
    if len(request.arguments) != 1:
        raise unknown()
    job = owned(server, request, view)
    if request.method == "DELETE":
        server.exports.forget(job)
        return FhirResponse(202)
    if job.state is State.RUNNING:
        return _running(server, job)
    if job.state is State.FAILED:
        failure = job.failure or Failure(500, "exception", "The export was ended.")
        raise FhirError(failure.status, failure.code, failure.why)
    files = list(enumerate(job.files))
    manifest = {
        "transactionTime": instant(job.time),
        "request": job.url,
        "requiresAccessToken": True,
        "output": [_item(request, job, n, file) for n, file in files if not file.deleted],
        "deleted": [_item(request, job, n, file) for n, file in files if file.deleted],
        "error": [],
    }
    expires = formatdate(server.exports.expiry(job), usegmt=True)
    headers = (("content-type", "application/json"), ("expires", expires))
    return FhirResponse(200, orjson.dumps(manifest), headers)


def owned(server: Server, request: FhirRequest, view: View) -> Job:
    """Return the job of a path.

    Raises:
        FhirError: 404, the same for an unknown job and for that of another client.
    """
    job = server.exports.job(request.arguments[0])
    if job is None or not job.owner.is_still(server.store, view):
        raise unknown()
    return job


def unknown() -> FhirError:
    """Return the one answer for a job that is not there for the client."""
    return FhirError(404, "not-found", "No such export is known here.")


def _running(server: Server, job: Job) -> FhirResponse:
    retry = ("retry-after", str(RETRY_AFTER_S))
    if server.exports.asked_within(_TOO_SOON_S, job):
        raise FhirError(429, "throttled", "The status is asked too often: heed Retry-After.", (retry,))
    progress = f"{job.parts_done} of {job.parts} resource types"
    return FhirResponse(202, b"", (("x-progress", progress), retry))


def _item(request: FhirRequest, job: Job, n: int, file: File) -> dict[str, object]:
    url = f"{request.base_url}/$export-file/{job.id}/{n}"
    return {"type": file.type, "url": url, "count": file.count}
