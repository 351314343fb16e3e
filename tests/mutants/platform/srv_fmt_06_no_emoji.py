"""Text is stored in three bytes for a character at most, as some databases do."""

import json
import re
from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-FMT-06"
FLAW = "characters beyond U+FFFF are stored as question marks"

BEYOND = re.compile("[\U00010000-\U0010ffff]")


def _without_what_is_beyond(request, perform):
    try:
        body = request.body.decode()
        json.loads(body)
    except ValueError:
        return perform(request)
    return perform(replace(request, body=BEYOND.sub("?", body).encode()))


if __name__ == "__main__":
    around(Interaction.CREATE, _without_what_is_beyond)
    main()
