"""A transaction reads before it writes."""

from lab.fhirserver import transaction
from lab.sandbox.serve import main

KILLED_BY = "SRV-BUN-05"
FLAW = "the GET entries of a transaction tell what was there before its PUT entries"


if __name__ == "__main__":
    transaction._ORDER = ("DELETE", "GET", "HEAD", "POST", "PUT", "PATCH")
    main()
