"""Levels 3 to 5 of one parsed request, and its answer: on the view, as the client sees it.

A batch is served entry by entry; a transaction is one request whose entries must all be allowed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from lab.authserver.registry import Registration
from lab.authserver.tokens import Grant
from lab.backends.backend import Backend
from lab.fhir.interaction import Interaction
from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse
from lab.gateway import bundle
from lab.gateway.decision import answer as answer_of
from lab.gateway.decision import refuse
from lab.gateway.masked_requests import Masked, MaskedWriteError
from lab.gateway.passage import Entry
from lab.gateway.ruling import rule_on
from lab.model.exchange import Decision


@dataclass(frozen=True)
class Service:
    """What one application is served with; what is decided of entries of a batch goes to ``decided``."""

    backend: Backend
    grant: Grant
    registration: Registration
    today: Callable[[], date]
    decided: list[Entry] = field(default_factory=list)

    async def serve(self, request: FhirRequest) -> tuple[FhirResponse, Decision]:
        """Return the answer and what was decided.

        Raises:
            FhirError: the request, or an entry of it, is none of this server.
        """
        if request.interaction is Interaction.BATCH:
            answer = await bundle.answer_batch(request, self._entry)
            return answer, Decision(3, allow=True, rule="batch", reason="each entry decided on its own")
        whole = request.interaction is Interaction.TRANSACTION
        asked = (request, *bundle.entries(request)) if whole else (request,)
        reads = [read for one in asked for read in bundle.on_the_way(one)]
        reads += bundle.conditional_references(request) if whole else ()
        ruling = rule_on((*asked, *reads), self.grant, self.registration, self.today())
        if not ruling.decision.allow:
            return answer_of(ruling.decision), ruling.decision
        try:
            if ruling.masks:
                masked = Masked(self.backend, ruling.view, ruling.mask, ruling.masks)
                answer = await masked.answer(request)
            else:
                answer = await self.backend.answer(request, ruling.view)
        except MaskedWriteError:
            decision = refuse(
                5, f"{len(ruling.masks)} masks", "something was sent in place of what is masked"
            )
            return answer_of(decision), decision
        if answer.status in {403, 404, 410} and ruling.decision.level >= 4:
            reason = "outside the cohort, or unknown" if answer.status != 403 else "would leave the cohort"
            return answer, refuse(4, ruling.cohort_rule, reason)
        return answer, ruling.decision

    async def _entry(self, entry: FhirRequest) -> FhirResponse:
        answer, decision = await self.serve(entry)
        self.decided.append(Entry(entry, answer, decision))
        return answer
