"""Histories are told on one page, whatever _count says."""

from lab.fhirserver import history
from lab.sandbox.serve import main

KILLED_BY = "SRV-VER-04"
FLAW = "_count does not bound a page of a history"


if __name__ == "__main__":
    history.page_size = lambda _: 1000
    main()
