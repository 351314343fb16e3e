"""The header Accept is looked at before the parameter _format."""

from dataclasses import replace

from lab.fhirserver import dispatch
from lab.sandbox.serve import main

KILLED_BY = "SRV-FMT-03"
FLAW = "_format=json does not help a client whose Accept header asks for XML"


def _by_the_header(request, release):
    if request.headers.get("accept"):
        request = replace(request, parameters=tuple(p for p in request.parameters if p.name != "_format"))
    sound(request, release)


if __name__ == "__main__":
    sound = dispatch.check_accepted
    dispatch.check_accepted = _by_the_header
    main()
