"""A search parameter is no longer declared."""

import json

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite
from tests.mutants.paths import is_at

KILLED_BY = "SRV-CAP-08"
FLAW = "phonetic is no longer declared on Patient, as it was when last certified"


def _one_promise_less(answer):
    status, headers, body = answer
    statement = json.loads(body)
    for resource in statement["rest"][0]["resource"]:
        resource["searchParam"] = [p for p in resource["searchParam"] if p["name"] != "phonetic"]
    return status, headers, json.dumps(statement).encode()


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, is_at("/metadata"), _one_promise_less))
