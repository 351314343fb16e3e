"""What is read ends with an empty array, as some serialisers write an absent list."""

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite
from tests.mutants.paths import is_read

KILLED_BY = "SRV-FMT-08"
FLAW = "read adds an empty array to every Patient"


def _with_empty_array(answer):
    status, headers, body = answer
    return status, headers, body[:-1] + b',"photo":[]}' if status == 200 else body


if __name__ == "__main__":
    main(wrap=lambda a: rewrite(a, lambda s: is_read(s) and "/Patient/" in s["path"], _with_empty_array))
