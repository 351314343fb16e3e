"""The hospital's clock is half a minute behind while changes are searched: Date and Bundle.meta say so.

It is behind, not ahead: who follows it asks for more than needed, and never loses anything.
Specs: https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1 (Date), https://hl7.org/fhir/R4/bundle.html
"""

import time
from datetime import UTC, datetime
from email.utils import formatdate

import orjson

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage, searched
from lab.gateway.searchset import searchset

BEHIND_S = 30


def _for_changes(request: FhirRequest) -> bool:
    return searched(request) and bool(request.values("_lastUpdated"))


def _late(_: Stage, answer: FhirResponse) -> FhirResponse | None:
    bundle = searchset(answer)
    if not bundle:
        return None
    moment = time.time() - BEHIND_S
    said = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    bundle["meta"] = {**bundle.get("meta", {}), "lastUpdated": said}
    dated = FhirResponse(200, orjson.dumps(bundle), answer.headers)
    return dated.with_headers(("date", formatdate(moment, usegmt=True)))


ACT = Act(name="slow-clock", times=3, applies=_for_changes, after=_late, quiet=True)
