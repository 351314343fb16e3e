"""A FHIRPath Patch is accepted and changes nothing."""

from lab.fhirserver import patch
from lab.sandbox.serve import main

KILLED_BY = "SRV-PAT-02"
FLAW = "a FHIRPath Patch is answered 200 and not applied"


if __name__ == "__main__":
    patch.FORMATS["application/fhir+json"] = lambda *_: lambda resource: resource
    main()
