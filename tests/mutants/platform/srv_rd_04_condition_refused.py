"""A conditional read is refused when the resource did not change."""

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite
from tests.mutants.paths import is_read

KILLED_BY = "SRV-RD-04"
FLAW = "a read with If-None-Match answers 412 instead of 304"


def _refused(answer):
    status, headers, _ = answer
    issue = b'{"severity":"error","code":"conflict"}'
    body = b'{"resourceType":"OperationOutcome","issue":[' + issue + b"]}"
    return (412, headers, body) if status == 304 else answer


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, is_read, _refused))
