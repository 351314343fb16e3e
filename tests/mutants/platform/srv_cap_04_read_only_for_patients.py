"""Reading is declared for every type, yet only Patients can be read."""

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite
from tests.mutants.paths import is_read

KILLED_BY = "SRV-CAP-04"
FLAW = "read is declared on every type and answers 501 on all but Patient"


def _not_implemented(answer):
    _, headers, _ = answer
    issue = b'{"severity":"error","code":"not-supported"}'
    return 501, headers, b'{"resourceType":"OperationOutcome","issue":[' + issue + b"]}"


if __name__ == "__main__":
    main(wrap=lambda a: rewrite(a, lambda s: is_read(s) and "/Patient/" not in s["path"], _not_implemented))
