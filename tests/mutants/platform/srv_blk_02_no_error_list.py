"""The manifest of an export without errors does not say so."""

import json

from lab.fhir.response import FhirResponse
from lab.sandbox.serve import main
from tests.mutants.operated import around_operation

KILLED_BY = "SRV-BLK-02"
FLAW = "the manifest lacks error"


def _broken(request, operate):
    answer = operate(request)
    if answer.status != 200:
        return answer
    manifest = json.loads(answer.body)
    manifest.pop("error")
    return FhirResponse(200, json.dumps(manifest).encode(), answer.headers)


if __name__ == "__main__":
    around_operation("$export-status", _broken)
    main()
