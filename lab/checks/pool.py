"""A few resources of one type that are known whole, so that what a search of them must give is known too.

Spec: https://hl7.org/fhir/R4/search.html#all
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lab.api import Expect, FhirClient, Reply, Truth, status_of
from lab.checks.sample import match_ids, matches
from lab.checks.statement import DeclaredType, Statement, objects, part, statement
from lab.checks.wording import quoted

OK = 200
WHOLE = 50
MOST_PAGES = 4
_PLANTED = 12
_FOUND = 24
_CHANGED = frozenset({"REDACTED", "MASKED", "PSEUDED", "ANONYED"})
"""Labels of resources whose values may not be those that are searched: nothing is known of them."""

Wanted = Callable[[dict[str, Any]], bool | None]
"""Whether a search must find a resource: None where the specification leaves it to the server."""


@dataclass(frozen=True)
class Pool:
    """Resources that one search by their ids gave; every further search is confined to these ids.

    ``cut`` are the ids of those that say that some elements are left out: what they show is true, what they
    do not show may be there.
    """

    type: str
    known: DeclaredType
    resources: tuple[dict[str, Any], ...]
    reply: Reply
    cut: frozenset[str] = frozenset()

    @property
    def ids(self) -> frozenset[str]:
        """Return the ids of the resources."""
        return frozenset(str(resource["id"]) for resource in self.resources)

    @property
    def scope(self) -> dict[str, object]:
        """Return the parameter that confines a search to the pool."""
        return {"_id": ",".join(str(resource["id"]) for resource in self.resources)}

    def judged(self, resource: dict[str, Any], wanted: Wanted) -> bool | None:
        """Return whether a search must find a resource; of one that is cut, nobody knows that it must not."""
        must = wanted(resource)
        return None if must is False and resource["id"] in self.cut else must

    def declares(self, name: str, kind: str) -> bool:
        """Tell whether the server declares a search parameter of that kind."""
        return self.known.parameters.get(name) == kind


def pools(fhir: FhirClient, truth: Truth, expect: Expect, *types: str) -> list[Pool]:
    """Return a pool of each of the types that is declared searchable and holds something.

    Skips the check when there is none, and omits it when none is declared searchable.
    """
    said = statement(fhir)
    if not any("search-type" in said.types[type_].interactions for type_ in types if type_ in said.types):
        expect.name(said.reply)
        expect.omit(
            f"Le CapabilityStatement ne déclare aucune recherche de {', '.join(types)}.",
            f"The CapabilityStatement declares no search of {', '.join(types)}.",
        )
    found = [pool for type_ in types if (pool := _pool(fhir, truth, said, type_)) is not None]
    if not found:
        expect.skip(
            f"Aucune ressource connue de type {', '.join(types)} : type non cherchable ou vide.",
            f"No resource of type {', '.join(types)} is known: not searchable, or empty.",
        )
    return found


def compare(  # noqa: PLR0913 - what is asked, what is wanted, and how much it binds
    fhir: FhirClient,
    expect: Expect,
    pool: Pool,
    parameters: Mapping[str, object],
    wanted: Wanted,
    words: str,
    *,
    refusable: bool = False,
    advised: bool = False,
) -> bool:
    """Search within the pool; fail unless what comes back is what was wanted, no more and no less.

    ``refusable`` is for what a server need not support: it is a remark when it is refused, or ignored and
    left out of the self link; a wrong set still fails. ``advised`` is for sets that are only recommended: a
    wrong one is a remark too. Returns whether the search was answered, and not refused.
    """
    first = fhir.search(pool.type, {**pool.scope, **parameters}, _count=WHOLE)
    if refusable and is_unsupported(first, *parameters):
        expect.should(False, expected=f"{words} supported", seen=status_of(first), evidence=[first])
        return False
    replies = searched(fhir, expect, first)
    found = {id_ for reply in replies for id_ in match_ids(reply, pool.type)}
    missing, wrong = gap(pool, found, wanted)
    if replies[-1].link("next") is not None:
        missing = frozenset()  # not all was seen
    must = sum(1 for resource in pool.resources if wanted(resource))
    say = expect.should if advised else expect.that
    say(
        not missing and not wrong,
        expected=f"{must} of {len(pool.ids)} known {pool.type} for {words}",
        seen=f"{len(found)} found: {len(missing)} missing, {len(wrong)} wrong",
        evidence=[pool.reply, *replies],
    )
    return True


def is_unsupported(reply: Reply, *names: str) -> bool:
    """Tell whether a search was refused, or says by its self link that it ignored a parameter."""
    if 400 <= reply.status < 500 or reply.status == 501:
        return True
    url = reply.link("self")
    if reply.status != OK or url is None:
        return False
    try:
        used = {name for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)}
    except ValueError:
        return False
    return not used.issuperset(names)


def searched(fhir: FhirClient, expect: Expect, first: Reply) -> list[Reply]:
    """Return the pages of a search; fail unless its first answer is a searchset."""
    expect.status(first, OK)
    kind = f"{first.type or 'no resource'} {first.resource.get('type', '')}"
    expect.that(kind == "Bundle searchset", expected="a searchset", seen=quoted(kind), evidence=[first])
    return list(fhir.pages(first, MOST_PAGES))


def gap(pool: Pool, found: Iterable[str], wanted: Wanted) -> tuple[frozenset[str], frozenset[str]]:
    """Return the ids that are missing among those found, and those that should not be there."""
    judged = {str(resource["id"]): pool.judged(resource, wanted) for resource in pool.resources}
    seen = frozenset(found)
    missing = frozenset(id_ for id_, must in judged.items() if must) - seen
    return missing, frozenset(id_ for id_ in seen if judged.get(id_, False) is False)


def _pool(fhir: FhirClient, truth: Truth, said: Statement, type_: str) -> Pool | None:
    known = said.types.get(type_)
    if known is None or "search-type" not in known.interactions:
        return None
    ids = [str(r["id"]) for r in _planted(fhir, truth, known, type_)[:_PLANTED]]
    ids += match_ids(fhir.search(type_, _count=_FOUND), type_)
    return by_ids(fhir, said, type_, ids)


def by_ids(fhir: FhirClient, said: Statement, type_: str, ids: Iterable[str]) -> Pool | None:
    """Return the pool of some ids of a type that is declared; None when none is found by its id."""
    chosen = list(dict.fromkeys(ids))[:_FOUND]
    known = said.types.get(type_)
    if not chosen or known is None:
        return None
    reply = fhir.search(type_, {"_id": ",".join(chosen)}, _count=WHOLE)
    true = tuple(r for r in matches(reply, type_) if r["id"] in chosen and not _labels(r) & _CHANGED)
    cut = frozenset(str(r["id"]) for r in true if "SUBSETTED" in _labels(r))
    return Pool(type_, known, true, reply, cut) if true else None


def _planted(fhir: FhirClient, truth: Truth, known: DeclaredType, type_: str) -> tuple[dict[str, Any], ...]:
    """Return what is known of the patients that the laboratory planted: no search of the whole type."""
    patients = sorted({id_ for ids in truth.canary.groups.values() for id_ in ids})
    if not patients:
        return ()
    if type_ == "Patient":
        return matches(fhir.search(type_, {"_id": ",".join(patients)}, _count=WHOLE), type_)
    if known.parameters.get("patient") != "reference":
        return ()
    values = ",".join(f"Patient/{id_}" for id_ in patients[:_PLANTED])
    return matches(fhir.search(type_, {"patient": values}, _count=WHOLE), type_)


def _labels(resource: dict[str, Any]) -> set[str]:
    """Return the codes by which a resource says of itself that it is not whole, or not as it was."""
    meta = part(resource, "meta")
    return {str(label.get("code")) for label in [*objects(meta.get("tag")), *objects(meta.get("security"))]}
