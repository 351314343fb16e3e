"""HEAD answers without looking whether the resource is there."""

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite

KILLED_BY = "SRV-RD-05"
FLAW = "HEAD on an unknown id answers 200"


def _all_is_well(answer):
    status, headers, body = answer
    return 200 if status == 404 else status, headers, body


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, lambda scope: scope["method"] == "HEAD", _all_is_well))
