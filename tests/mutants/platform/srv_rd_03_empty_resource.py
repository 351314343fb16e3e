"""A read of an unknown id answers 200 with an empty resource."""

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite

KILLED_BY = "SRV-RD-03"
FLAW = "an unknown id is answered 200 with an empty Patient"


def _empty(answer):
    status, headers, body = answer
    return (200, headers, b'{"resourceType":"Patient"}') if status == 404 else (status, headers, body)


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, lambda scope: scope["path"].count("/") == 3, _empty))
