"""A creation drops what is not valid and stores the rest without a word."""

import json
from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.fhirserver.incoming import InvalidResourceError
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-CRT-04"
FLAW = "create drops invalid elements and stores what is left"

UNDERSTOOD = ("resourceType", "identifier")


def _what_is_understood(request, perform):
    try:
        return perform(request)
    except InvalidResourceError:
        sent = json.loads(request.body)
        kept = {name: sent[name] for name in UNDERSTOOD if name in sent}
        return perform(replace(request, body=json.dumps(kept).encode()))


if __name__ == "__main__":
    around(Interaction.CREATE, _what_is_understood)
    main()
