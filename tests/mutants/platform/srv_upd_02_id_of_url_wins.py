"""An update takes the id of the URL, whatever id the body has."""

import json
from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-UPD-02"
FLAW = "a PUT whose body has no id, or another one, is accepted"


def _with_id_of_url(request, perform):
    body = {**json.loads(request.body), "id": request.id}
    return perform(replace(request, body=json.dumps(body).encode()))


if __name__ == "__main__":
    around(Interaction.UPDATE, _with_id_of_url)
    main()
