"""A form of the wrong media type is refused in plain text."""

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite
from tests.mutants.paths import is_at, without

KILLED_BY = "SRV-ERR-01"
FLAW = "415 comes as plain text, without an OperationOutcome"


def _bare(answer):
    status, headers, body = answer
    if status != 415:
        return status, headers, body
    return status, [*without(headers, b"content-type"), (b"content-type", b"text/plain")], b"Unsupported\n"


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, is_at("/_search"), _bare))
