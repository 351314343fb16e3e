"""Only the number of a past version is kept, not what it said."""

import json
from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.fhirserver.dispatch import PERFORMED
from lab.sandbox.serve import main

KILLED_BY = "SRV-VER-01"
FLAW = "a past version is read with the content of the latest"


def _latest(server, request, view):
    old = sound(server, request, view)
    new = PERFORMED[Interaction.READ](server, replace(request, interaction=Interaction.READ), view)
    if old.status != 200 or new.status != 200:
        return old
    body = {**json.loads(new.body), "meta": json.loads(old.body)["meta"]}
    return replace(old, body=json.dumps(body).encode())


if __name__ == "__main__":
    sound = PERFORMED[Interaction.VREAD]
    PERFORMED[Interaction.VREAD] = _latest
    main()
