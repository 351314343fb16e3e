"""A search that the platform asks is not declared."""

import json

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite
from tests.mutants.paths import is_at

KILLED_BY = "SRV-PLT-01"
FLAW = "the CapabilityStatement declares no search of patients by identifier"


def _without_identifier(answer):
    status, headers, body = answer
    statement = json.loads(body)
    for resource in statement["rest"][0]["resource"]:
        if resource["type"] == "Patient":
            resource["searchParam"] = [p for p in resource["searchParam"] if p["name"] != "identifier"]
    return status, headers, json.dumps(statement).encode()


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, is_at("/metadata"), _without_identifier))
