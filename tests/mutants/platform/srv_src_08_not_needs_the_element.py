"""Resources without the element are left out of a search by :not."""

from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.fhir.request import Parameter
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-SRC-08"
FLAW = "value-concept:not finds only what has a value"


def _broken(request, perform):
    negated = {p.name for p in request.parameters if p.modifier == "not"}
    there = tuple(Parameter(name, "false", "missing") for name in sorted(negated))
    return perform(replace(request, parameters=(*request.parameters, *there)))


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _broken)
    main()
