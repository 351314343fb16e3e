"""A creation answers with the resource, whatever the client prefers."""

from lab.sandbox.serve import main
from tests.mutants.asking import changed, without

KILLED_BY = "SRV-CRT-06"
FLAW = "Prefer: return=minimal is answered with the whole resource"


def _no_preference(scope):
    return without(scope, b"prefer") if scope["method"] == "POST" else None


if __name__ == "__main__":
    main(wrap=lambda app: changed(app, _no_preference))
