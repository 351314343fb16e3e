"""A body is read as FHIR JSON, whatever it says that it is."""

from lab.fhirserver import incoming
from lab.sandbox.serve import main

KILLED_BY = "SRV-FMT-05"
FLAW = "a resource sent as text/plain is stored"


if __name__ == "__main__":
    incoming.check_body = lambda _: None
    main()
