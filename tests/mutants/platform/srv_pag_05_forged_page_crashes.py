"""A page link that cannot be read makes the server fail."""

from lab.fhir.page import Pages
from lab.fhir.response import FhirError
from lab.sandbox.serve import main

KILLED_BY = "SRV-PAG-05"
FLAW = "a forged page link is answered 500"

_unseal = Pages.unseal


def unseal(self, token, binding):
    try:
        return _unseal(self, token, binding)
    except FhirError:
        raise FhirError(500, "exception", "The page could not be read.") from None


if __name__ == "__main__":
    Pages.unseal = unseal
    main()
