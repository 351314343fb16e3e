"""The offset of a date that is searched is dropped: all times are those of the server."""

import re
from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-SRC-05"
FLAW = "the offset of a searched date is ignored"
_OFFSET = re.compile(r"(T\d\d:\d\d:\d\d)(Z|[+-]\d\d:\d\d)$")


def _without_offset(request, perform):
    parameters = tuple(
        replace(p, value=_OFFSET.sub(r"\1Z", p.value)) if p.name == "date" else p for p in request.parameters
    )
    return perform(replace(request, parameters=parameters))


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _without_offset)
    main()
