"""A creation answers 201 without saying where the resource is."""

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite
from tests.mutants.paths import without

KILLED_BY = "SRV-CRT-01"
FLAW = "create answers 201 without a Location"


def _nowhere(answer):
    status, headers, body = answer
    return status, without(headers, b"location") if status == 201 else headers, body


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, lambda scope: scope["method"] == "POST", _nowhere))
