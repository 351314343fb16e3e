"""To delete what is deleted is an error of the server."""

from lab.fhir.interaction import Interaction
from lab.fhir.response import FhirError
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-DEL-02"
FLAW = "a second deletion of the same resource is answered 500"


def _once(request, perform):
    answer = perform(request)
    if not dict(answer.headers).get("etag"):
        raise FhirError(500, "exception", "There is nothing to delete.")
    return answer


if __name__ == "__main__":
    around(Interaction.DELETE, _once)
    main()
