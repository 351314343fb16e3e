"""What is read has one key twice, which most parsers hide."""

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite
from tests.mutants.paths import is_read

KILLED_BY = "SRV-FMT-08"
FLAW = "read writes the key resourceType twice"


def _twice(answer):
    status, headers, body = answer
    return status, headers, body[:-1] + b',"resourceType":"Patient"}' if status == 200 else body


if __name__ == "__main__":
    main(wrap=lambda a: rewrite(a, lambda s: is_read(s) and "/Patient/" in s["path"], _twice))
