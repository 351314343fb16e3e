"""A job that was deleted goes on."""

from lab.fhir.response import FhirResponse
from lab.sandbox.serve import main
from tests.mutants.operated import around_operation

KILLED_BY = "SRV-BLK-04"
FLAW = "DELETE of the status address is accepted, and changes nothing"


def _kept(request, operate):
    return FhirResponse(202) if request.method == "DELETE" else operate(request)


if __name__ == "__main__":
    around_operation("$export-status", _kept)
    main()
