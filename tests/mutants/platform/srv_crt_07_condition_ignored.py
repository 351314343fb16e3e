"""A creation does not look at If-None-Exist, although conditionalCreate is declared."""

from lab.sandbox.serve import main
from tests.mutants.asking import changed, without

KILLED_BY = "SRV-CRT-07"
FLAW = "If-None-Exist is ignored: the same Patient is created again"


def _unconditional(scope):
    return without(scope, b"if-none-exist") if scope["method"] == "POST" else None


if __name__ == "__main__":
    main(wrap=lambda app: changed(app, _unconditional))
