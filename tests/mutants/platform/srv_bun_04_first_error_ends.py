"""A batch with an entry that fails is answered as a failure of the whole."""

import json

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite

KILLED_BY = "SRV-BUN-04"
FLAW = "one failing entry makes the answer to a whole batch an error"
FAILED = b'{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"processing"}]}'


def _is_whole_system(scope):
    return scope["method"] == "POST" and scope["path"].strip("/") == "fhir"


def _all_or_nothing(answer):
    status, headers, body = answer
    bundle = json.loads(body)
    if status != 200 or bundle.get("type") != "batch-response":
        return answer
    failed = any(not entry["response"]["status"].startswith("2") for entry in bundle.get("entry", []))
    return (400, headers, FAILED) if failed else answer


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, _is_whole_system, _all_or_nothing))
