"""What a client was given, read out of the journal: resources, and whether one is still given."""

from collections.abc import Iterator, Sequence
from typing import Any

from lab.api import Exchange
from lab.checks.statement import objects, part
from lab.checks.traffic import answer

_OK = 200


def given(journal: Sequence[Exchange]) -> Iterator[dict[str, Any]]:
    """Yield every resource that answers held, in their order, one as often as it was given."""
    for exchange in journal:
        if exchange.status == _OK and exchange.response_body:
            whole = answer(exchange)
            entries = objects(whole.get("entry"))
            yield from (part(entry, "resource") for entry in entries)
            if not entries and whole.get("id"):
                yield whole


def about(resource: dict[str, Any]) -> str:
    """Return the id of the patient that a resource is, or is about; empty when it does not say."""
    if resource.get("resourceType") == "Patient":
        return str(resource.get("id"))
    reference = str((part(resource, "subject") or part(resource, "patient")).get("reference", ""))
    type_, _, id_ = reference.rpartition("/")
    return id_ if type_.rpartition("/")[2] == "Patient" else ""


def named(resource: dict[str, Any]) -> str:
    """Return ``Type/id``."""
    return f"{resource.get('resourceType')}/{resource.get('id')}"


def is_still_given(requests: Sequence[Exchange], patient: str) -> bool:
    """Tell whether the last answers to questions that name the patient held that patient's record.

    An answer may come in pages, and the last of them may have been asked for when the journal ended: the
    last two questions are looked at, with all that was asked since.
    """
    asked = [
        place
        for place, exchange in enumerate(requests)
        if exchange.status == _OK and patient in f"{exchange.url} {exchange.request_body}"
    ]
    since = asked[-2:][0] if asked else 0
    return any(named(one) == f"Patient/{patient}" for one in given(requests[since:]))
