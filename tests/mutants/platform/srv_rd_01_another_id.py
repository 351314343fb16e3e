"""A read gives the right content under an id that is not the one asked for."""

import json

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite
from tests.mutants.paths import PROBE, is_read

KILLED_BY = "SRV-RD-01"
FLAW = "read returns the resource under its id of another system"


def _renamed(answer):
    status, headers, body = answer
    if status != 200 or PROBE in body:
        return answer
    resource = json.loads(body)
    return status, headers, json.dumps({**resource, "id": f"local-{resource['id']}"[:64]}).encode()


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, is_read, _renamed))
