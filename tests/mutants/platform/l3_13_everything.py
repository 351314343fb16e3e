"""$everything is served, with every type."""

import dataclasses

from lab.fhir.interaction import Interaction
from lab.fhir.request import Parameter
from lab.fhir.view import EVERYTHING
from lab.gateway.decision import Decision
from lab.gateway.serving import Service
from lab.sandbox.serve import main

KILLED_BY = "L3-13"
FLAW = "$everything of a patient brings types outside the scopes"

sound = Service.serve


async def serve(self, request):
    if request.operation != "$everything" or request.id is None:
        return await sound(self, request)
    search = dataclasses.replace(
        request,
        interaction=Interaction.SEARCH_TYPE,
        id=None,
        operation=None,
        parameters=(
            Parameter("_id", request.id),
            Parameter("_revinclude", "Encounter:patient"),
            Parameter("_revinclude", "Observation:patient"),
        ),
    )
    answer = await self.backend.answer(search, EVERYTHING)
    return answer, Decision(3, allow=True, rule="operation", reason="never looked at")


if __name__ == "__main__":
    Service.serve = serve
    main()
