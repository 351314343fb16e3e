"""A method that a path does not have is refused without saying which ones it has."""

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite

KILLED_BY = "SRV-ERR-05"
FLAW = "405 comes without Allow"


def _without_allow(answer):
    status, headers, body = answer
    return status, [(name, value) for name, value in headers if name.lower() != b"allow"], body


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, lambda scope: scope["method"] == "DELETE", _without_allow))
