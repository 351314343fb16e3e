"""The parts of a composite parameter are searched one by one."""

from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-SRC-11"
FLAW = "component-code-value-quantity finds the code of one component with the value of another"


def _broken(request, perform):
    kept = []
    for parameter in request.parameters:
        if parameter.name == "component-code-value-quantity":
            code, _, value = parameter.value.partition("$")
            kept.append(replace(parameter, name="component-code", value=code))
            kept.append(replace(parameter, name="component-value-quantity", value=value))
        else:
            kept.append(parameter)
    return perform(replace(request, parameters=tuple(kept)))


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _broken)
    main()
