"""Compare, element by element, what a masked caller gets with what is held: nothing but masks may be missing.

Source: five-levels reference, L5-29 and P4 (losing visible data is a patient-safety defect).
"""

import json
from collections.abc import Callable

from lab.api import Expect, FhirClient, Reply
from lab.checks.sample import match_ids
from lab.checks.security.masked import Resource
from lab.checks.security.visible import lost_or_changed
from lab.checks.statement import objects, part

_COMPARED = 20


def compared(
    caller: FhirClient,
    holder: FhirClient,
    type_: str,
    masked: tuple[str, ...],
    expect: Expect,
    judged: Callable[[Resource], bool] = lambda _: True,
) -> int:
    """Compare a page of a type; return how many resources were, of those that are ``judged`` as held."""
    page = caller.search(type_, _count=_COMPARED)
    ids = match_ids(page, type_)
    if not ids:
        return 0
    source = holder.search(type_, {"_id": ",".join(ids), "_count": len(ids)})
    served, held = _exactly(page, type_), _exactly(source, type_)
    both = [id_ for id_ in ids if id_ in held and id_ in served and judged(held[id_])]
    for id_ in both:
        place = lost_or_changed(held[id_], served[id_], masked)
        expect.that(
            not place,
            expected="what is held, the masks apart",
            seen=f"{type_}.{place} lost or changed",
            evidence=[page, source],
        )
    return len(both)


def _exactly(reply: Reply, type_: str) -> dict[str, Resource]:
    """Return the resources by id, decimals as they are written: 1.10 is not 1.1."""
    try:
        whole = json.loads(reply.text, parse_float=str)
    except (ValueError, RecursionError):
        return {}
    entries = objects(whole.get("entry")) if isinstance(whole, dict) else []
    resources = [part(entry, "resource") for entry in entries]
    return {str(found.get("id")): found for found in resources if found.get("resourceType") == type_}
