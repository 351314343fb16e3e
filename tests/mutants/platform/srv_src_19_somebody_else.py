"""$everything gives a result of somebody else."""

import json

from lab.fhir.response import FhirResponse
from lab.sandbox.serve import main
from tests.mutants.operated import around_operation

KILLED_BY = "SRV-SRC-19"
FLAW = "$everything of a patient holds an Observation of another"


def _one_more(request, perform):
    answer = perform(request)
    if answer.status != 200:
        return answer
    bundle = json.loads(answer.body)
    for entry in bundle.get("entry", []):
        if entry["resource"]["resourceType"] == "Observation":
            other = {**entry["resource"], "id": "another", "subject": {"reference": "Patient/another"}}
            other = {name: value for name, value in other.items() if name not in {"focus", "performer"}}
            bundle["entry"].append({"resource": other})
            break
    return FhirResponse(200, json.dumps(bundle).encode(), answer.headers)


if __name__ == "__main__":
    around_operation("$everything", _one_more)
    main()
