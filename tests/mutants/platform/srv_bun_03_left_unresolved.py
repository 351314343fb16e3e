"""A conditional reference that finds nothing, or several resources, is stored as it came."""

from lab.fhir.response import FhirError
from lab.fhirserver import rewriting
from lab.sandbox.serve import main

KILLED_BY = "SRV-BUN-03"
FLAW = "a transaction succeeds although a conditional reference does not find one resource"


def _or_as_it_came(server, request, view, type_, query):
    try:
        return sound(server, request, view, type_, query)
    except FhirError:
        return f"{type_}?{query}"


if __name__ == "__main__":
    sound = rewriting._resolved
    rewriting._resolved = _or_as_it_came
    main()
