"""Of two Authorization headers the first is believed."""

from lab.fhir import http
from lab.sandbox.serve import main

KILLED_BY = "L2-25"
FLAW = "a repeated Authorization is not refused"


if __name__ == "__main__":
    http._SINGLE = http._SINGLE - {"authorization"}
    main()
