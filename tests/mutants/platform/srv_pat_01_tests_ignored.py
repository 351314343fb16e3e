"""The test operations of a JSON Patch are passed over."""

import json

from lab.fhirserver import patch
from lab.fhirserver.json_patch import json_patch
from lab.sandbox.serve import main

KILLED_BY = "SRV-PAT-01"
FLAW = "a JSON Patch is applied although one of its tests fails"


def _without_tests(body, _):
    operations = [one for one in json.loads(body) if one.get("op") != "test"]
    return json_patch(json.dumps(operations).encode())


if __name__ == "__main__":
    patch.FORMATS["application/json-patch+json"] = _without_tests
    main()
