"""An export takes the long form of its format only."""

from lab.fhir.response import FhirError
from lab.sandbox.serve import main
from tests.mutants.operated import around_operation

KILLED_BY = "SRV-BLK-01"
FLAW = "_outputFormat=ndjson is refused"


def _long_form_only(request, operate):
    if "ndjson" in request.values("_outputFormat"):
        raise FhirError(400, "not-supported", "Ask for application/fhir+ndjson.")
    return operate(request)


if __name__ == "__main__":
    around_operation("$export", _long_form_only)
    main()
