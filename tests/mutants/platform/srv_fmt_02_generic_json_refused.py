"""Only the media type of FHIR is known: the generic one is refused."""

from lab.fhir.response import FhirError
from lab.fhirserver import dispatch
from lab.sandbox.serve import main

KILLED_BY = "SRV-FMT-02"
FLAW = "Accept: application/json is answered 406"


def _only_the_media_type_of_fhir(request, release):
    sound(request, release)
    if request.headers.get("accept", "").strip() == "application/json":
        raise FhirError(406, "not-supported", "Ask for application/fhir+json.")


if __name__ == "__main__":
    sound = dispatch.check_accepted
    dispatch.check_accepted = _only_the_media_type_of_fhir
    main()
