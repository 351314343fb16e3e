"""A creation keeps the id that the client sent."""

import json
from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-CRT-02"
FLAW = "create stores the resource under the id sent by the client"


def _under_its_id(request, perform):
    try:
        sent = json.loads(request.body)
    except ValueError:
        sent = {}
    return perform(replace(request, id=sent.get("id") or request.id))


if __name__ == "__main__":
    around(Interaction.CREATE, _under_its_id)
    main()
