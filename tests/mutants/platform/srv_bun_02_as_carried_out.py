"""The answer to a transaction tells of its entries from the last to the first."""

import json

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite

KILLED_BY = "SRV-BUN-02"
FLAW = "the entries of a transaction response are in another order"


def _is_whole_system(scope):
    return scope["method"] == "POST" and scope["path"].strip("/") == "fhir"


def _backwards(answer):
    status, headers, body = answer
    bundle = json.loads(body)
    if status != 200 or bundle.get("type") != "transaction-response":
        return answer
    return status, headers, json.dumps({**bundle, "entry": bundle.get("entry", [])[::-1]}).encode()


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, _is_whole_system, _backwards))
