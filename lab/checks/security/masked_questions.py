"""Resources that the restricted identity sees, each with the masked values that one could search it by.

Source: five-levels reference, L5-04 to L5-09.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lab.api import FhirClient
from lab.checks.sample import matches
from lab.checks.security.links import visible_ids
from lab.checks.security.masked import Resource
from lab.checks.security.masked_search import questions
from lab.checks.security.restriction import Restriction
from lab.checks.statement import statement

_TRIED = 5


@dataclass(frozen=True)
class Masked:
    """``resource`` (whole) is visible without what ``path`` masks: ``value``, which ``name`` searches by.

    ``kind`` is the type of the parameter as the application declares it, empty when it does not.
    """

    type: str
    id: str
    resource: Resource
    path: str
    name: str
    value: str
    kind: str


def masked_values(fhir: FhirClient, restricted: FhirClient, limits: Restriction) -> Iterator[Masked]:
    """Yield each parameter that reads a masked element once, with a value that a visible resource holds."""
    declared = statement(fhir).types
    for type_ in limits.masked_types:
        kinds = declared[type_].parameters if type_ in declared else {}
        ids = visible_ids(restricted, type_, _TRIED)
        page = fhir.search(type_, {"_id": ",".join(ids), "_count": _TRIED}) if ids else None
        known: set[str] = set()
        for resource in matches(page, type_) if page else ():
            for path in limits.masked_of(type_):
                for name, value in questions(resource, path):
                    if name not in known and resource.get("id") in ids:
                        known.add(name)
                        id_ = str(resource["id"])
                        yield Masked(type_, id_, resource, path, name, value, kinds.get(name, ""))
