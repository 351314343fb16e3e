"""The resources that come along with matches, each by a search of our own on the view.

Spec: https://hl7.org/fhir/R4/search.html#include
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from lab.backends.external.about import is_known
from lab.backends.external.finding import Finder
from lab.backends.external.references import SOMEONE, pointed
from lab.backends.external.refusals import not_taken, too_many
from lab.fhir.request import Parameter
from lab.fhir.search_parameters import definitions
from lab.fhir.strict_json import Json

MAX_ROUNDS = 4
MAX_INCLUDED = 5_000
_AT_ONCE = 100


@dataclass(frozen=True)
class Include:
    """``_include=source:code:target``, or with ``reverse`` ``_revinclude``."""

    source: str
    code: str
    target: str
    reverse: bool
    iterate: bool


def include(parameter: Parameter) -> Include:
    """Read ``_include`` or ``_revinclude``.

    Raises:
        FhirError: 400 for a wildcard, or for what is no reference.
    """
    source, _, rest = parameter.value.partition(":")
    code, _, target = rest.partition(":")
    known = definitions(source).get(code) if is_known(source) else None
    if known is None or known.type != "reference" or (target and target not in known.targets):
        raise not_taken("An include names a reference of a type.")
    if parameter.modifier not in {None, "iterate"}:
        raise not_taken("A modifier is not one that this platform passes on.")
    return Include(source, code, target, parameter.name == "_revinclude", parameter.modifier == "iterate")


async def included(finder: Finder, matches: Sequence[Json], includes: Sequence[Include]) -> list[Json]:
    """Return the resources to add to the matches, none twice.

    Raises:
        FhirError: 400 when they are too many: cutting them off would lose data without saying so.
    """
    seen = {_name(match) for match in matches}
    found: list[Json] = []
    frontier = list(matches)
    for turn in range(MAX_ROUNDS):
        added: list[Json] = []
        for each in includes:
            if turn and not each.iterate:
                continue
            async for resource in _followed(finder, frontier, each):
                if _name(resource) not in seen:
                    seen.add(_name(resource))
                    added.append(resource)
        found += added
        frontier = added
        if len(found) > MAX_INCLUDED:
            raise too_many()
        if not added:
            break
    return found


async def _followed(finder: Finder, frontier: Sequence[Json], each: Include) -> AsyncIterator[Json]:
    if each.reverse:
        targets = definitions(each.source)[each.code].targets
        names = [_name(r) for r in frontier if r["resourceType"] in targets]
        names = [n for n in names if each.target in {"", n.partition("/")[0]}]
        for start in range(0, len(names) if finder.sight.view.sees(each.source) else 0, _AT_ONCE):
            asked = Parameter(each.code, ",".join(names[start : start + _AT_ONCE]))
            for resource in await finder.gather(each.source, (asked,), most=MAX_INCLUDED):
                yield resource
        return
    ids: dict[str, set[str]] = {}
    for resource in frontier:
        if resource["resourceType"] == each.source:
            for found in pointed(resource, each.code, finder.sight.bases):
                if found.id != SOMEONE and each.target in {"", found.type}:
                    ids.setdefault(found.type, set()).add(found.id)
    for type_ in sorted(ids):
        for resource in await finder.of_ids(type_, ids[type_], MAX_INCLUDED) if is_known(type_) else ():
            yield resource


def _name(resource: Json) -> str:
    return f"{resource['resourceType']}/{resource['id']}"
