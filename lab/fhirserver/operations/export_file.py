"""``$export-file/[job]/[n]``: one file of a bulk export, read as it is sent.

Spec: https://hl7.org/fhir/uv/bulkdata/STU2/export.html#bulk-data-output-file-request
"""

from collections.abc import Iterator
from pathlib import Path

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.view import View
from lab.fhirserver.operations.export_job import State
from lab.fhirserver.operations.export_status import owned, unknown
from lab.fhirserver.server import Server

NDJSON = "application/fhir+ndjson"
_CHUNK = 65_536
_RANGES = frozenset({NDJSON, "application/ndjson", "application/x-ndjson", "application/*", "*/*"})
_TOLERATED = frozenset({"application/fhir+json", "application/json"})  # what FHIR clients send everywhere


def export_file(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    """Answer the NDJSON in chunks of whole lines."""
    job = owned(server, request, view)
    numbers = {str(n): file for n, file in enumerate(job.files)}
    if len(request.arguments) != 2 or request.arguments[1] not in numbers or job.state is not State.DONE:
        raise unknown()
    accepted = {
        part.partition(";")[0].strip().lower() for part in request.headers.get("accept", "").split(",")
    }
    if accepted != {""} and not accepted & (_RANGES | _TOLERATED):
        raise FhirError(406, "not-supported", f"The files of an export are {NDJSON}.")
    path = numbers[request.arguments[1]].path
    if not path.exists():
        raise unknown()
    return FhirResponse(200, b"", (("content-type", NDJSON),), _Lines(path))


class _Lines:
    """Opens the file when it is read, and closes it then: an answer that is not sent holds nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            while lines := file.readlines(_CHUNK):
                yield b"".join(lines)
