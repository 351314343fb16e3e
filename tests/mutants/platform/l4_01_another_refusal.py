"""What is outside the cohort answers otherwise than what does not exist."""

from lab.fhir.interaction import Interaction
from lab.fhir.response import outcome
from lab.fhir.view import EVERYTHING
from lab.gateway.serving import Service
from lab.sandbox.serve import main

KILLED_BY = "L4-01"
FLAW = "a read outside the cohort says that there is something, without saying what"

sound = Service.serve


async def serve(self, request):
    answer, decision = await sound(self, request)
    alone = "host" in request.headers
    if request.interaction is Interaction.READ and answer.status == 404 and alone:
        whole = await self.backend.answer(request, EVERYTHING)
        if whole.status == 200:
            return outcome(404, "not-found", "This resource is not available."), decision
    return answer, decision


if __name__ == "__main__":
    Service.serve = serve
    main()
