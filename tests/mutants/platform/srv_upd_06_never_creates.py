"""An update creates nothing, although updateCreate is declared."""

from lab.fhir.response import FhirError
from lab.fhirserver import update
from lab.sandbox.serve import main
from tests.mutants.paths import PROBE

KILLED_BY = "SRV-UPD-06"
FLAW = "a PUT to a new id is answered 405, and updateCreate is declared"


def _only_what_is_there(server, request, view, id_, resource):
    before = update.seen(server.store, view, resource["resourceType"], id_)
    if before is None and resource.get("id") == id_ and PROBE in request.body:
        raise FhirError(405, "not-supported", "Ids are given by this server.")
    return sound(server, request, view, id_, resource)


if __name__ == "__main__":
    sound = update._updated
    update._updated = _only_what_is_there
    main()
