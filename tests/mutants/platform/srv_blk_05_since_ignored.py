"""An export gives all there is, whenever it changed."""

from dataclasses import replace

from lab.sandbox.serve import main
from tests.mutants.operated import around_operation

KILLED_BY = "SRV-BLK-05"
FLAW = "_since is ignored"


def _everything(request, operate):
    kept = tuple(p for p in request.parameters if p.name != "_since")
    return operate(replace(request, parameters=kept))


if __name__ == "__main__":
    around_operation("$export", _everything)
    main()
