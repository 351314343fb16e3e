"""A creation drops the modifier extensions that it does not understand."""

import json
from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-CRT-05"
FLAW = "a resource is stored without its unknown modifierExtension"


def _understood(request, perform):
    try:
        sent = json.loads(request.body)
    except ValueError:
        return perform(request)
    kept = {name: value for name, value in sent.items() if name != "modifierExtension"}
    return perform(replace(request, body=json.dumps(kept).encode()))


if __name__ == "__main__":
    around(Interaction.CREATE, _understood)
    main()
