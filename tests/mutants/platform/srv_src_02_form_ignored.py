"""A search by POST does not read its form."""

from dataclasses import replace

from lab.fhir.interaction import Interaction
from lab.sandbox.serve import main
from tests.mutants.performed import around

KILLED_BY = "SRV-SRC-02"
FLAW = "POST _search ignores its parameters and returns everything"


def _without_form(request, perform):
    return perform(replace(request, parameters=()) if request.method == "POST" else request)


if __name__ == "__main__":
    around(Interaction.SEARCH_TYPE, _without_form)
    main()
