"""A search of changes comes in two pages, with a pause asked for between them: meanwhile, data change.

Who then takes the end of the search for the time up to which changes are known loses what was written in
between. Rule of the laboratory; https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 (Retry-After)
"""

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse, outcome
from lab.gateway.act import Act, Stage, searched
from lab.gateway.searchset import before, searchset

_NAME = "pause-between-pages"
PAUSE_S = 4


def _for_changes(request: FhirRequest) -> bool:
    return searched(request) and bool(request.values("_lastUpdated"))


def _step(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    """Play the empty first page, then the pause; who does not come for the second page is left alone."""
    if _NAME not in stage.cast:
        page = before(searchset(answer))
        if page is not None:
            stage.cast[_NAME] = "first page"
        return page
    if "none" not in stage.request.values("_total"):
        return answer
    stage.cast[_NAME] = "pause"
    return outcome(429, "throttled", "Too many requests.").with_headers(("retry-after", str(PAUSE_S)))


ACT = Act(name=_NAME, times=2, applies=_for_changes, after=_step)
