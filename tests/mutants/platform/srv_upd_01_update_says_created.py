"""An update of what exists answers as if it had created it."""

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite

KILLED_BY = "SRV-UPD-01"
FLAW = "a PUT on an existing resource answers 201"


def _created(answer):
    status, headers, body = answer
    return 201 if status == 200 else status, headers, body


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, lambda scope: scope["method"] == "PUT", _created))
