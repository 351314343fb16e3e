"""A page without rows, without a total, whose next link leads to the rows: a server may answer so.

Spec: https://hl7.org/fhir/R4/http.html#paging, https://hl7.org/fhir/R4/search.html#count
"""

from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage
from lab.gateway.acts.next_cycle import by_get
from lab.gateway.searchset import before, searchset


def _emptied(_: Stage, answer: FhirResponse) -> FhirResponse | None:
    """Return a page before the page, None when there is no row to keep for the next one."""
    bundle = searchset(answer)
    return before(bundle) if bundle.get("entry") else None


ACT = Act(name="empty-page", applies=by_get, after=_emptied, quiet=True)
