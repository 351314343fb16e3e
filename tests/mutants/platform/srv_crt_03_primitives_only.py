"""A creation keeps no extension of a primitive element."""

import json
from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-CRT-03"
FLAW = "extensions on primitive elements are lost on create"


def _plain(request, perform):
    try:
        sent = json.loads(request.body)
    except ValueError:
        return perform(request)
    kept = {name: value for name, value in sent.items() if not name.startswith("_")}
    return perform(replace(request, body=json.dumps(kept).encode()))


if __name__ == "__main__":
    around(Interaction.CREATE, _plain)
    main()
