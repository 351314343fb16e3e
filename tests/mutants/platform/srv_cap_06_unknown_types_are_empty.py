"""A search of a type that the server does not serve finds nothing instead of being refused."""

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite
from tests.mutants.paths import is_search

KILLED_BY = "SRV-CAP-06"
FLAW = "the search of an undeclared type answers 200 with an empty Bundle"

RARE = ("/Linkage", "/VisionPrescription", "/LabNoSuchType")


def _nothing(answer):
    _, headers, _ = answer
    return 200, headers, b'{"resourceType":"Bundle","type":"searchset","total":0}'


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, lambda s: is_search(s) and s["path"].endswith(RARE), _nothing))
