"""The first line of each file is lost."""

from lab.fhir.response import FhirResponse
from lab.sandbox.serve import main
from tests.mutants.operated import around_operation

KILLED_BY = "SRV-BLK-03"
FLAW = "one member of the Group is not exported"


def _broken(request, operate):
    answer = operate(request)
    body = answer.body or b"".join(answer.chunks or ())
    kept = b"".join(body.splitlines(keepends=True)[1:])
    return FhirResponse(answer.status, kept, answer.headers)


if __name__ == "__main__":
    around_operation("$export-file", _broken)
    main()
