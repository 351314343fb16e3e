"""From a cohort to the queries that the server behind may be asked: ids as one more parameter, in slices.

The parameters of the cohort stand beside those of the client, never in one with them. A cohort of many
patients makes several queries, as does a type with several parameters to its patients: a resource that
several of them find is given by the first. What a query finds beyond what it asked for is a failure of the
server; what it rightly finds beyond the view (it ties a member to somebody else) is left out, for no query
says that.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import parse_qsl

from lab.backends.external.about import DEFINING, LABEL, about, codes, own_pools, patients
from lab.backends.external.refusals import not_narrowed
from lab.backends.external.sight import Sight, check_told_apart
from lab.fhir.cohort import Cohort

MAX_IDS = 300
"""Of one query: servers limit the values of a parameter, and the length of what is posted."""

MAX_QUERIES = 400

Test = Callable[[Mapping[str, Any]], bool]
_ID = "_id"


@dataclass(frozen=True)
class Asked:
    """One parameter of a client; ``code`` is set where ``ids`` say all that it says."""

    name: str
    value: str
    code: str = ""
    ids: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Query:
    """What to ask: whatever is found must be ``promised``, and is given here if it is ``ours``."""

    parameters: tuple[tuple[str, str], ...]
    promised: Test
    ours: Test


def narrowed(sight: Sight, type_: str, asked: Sequence[Asked]) -> tuple[Query, ...]:
    """Return the queries that together find what the view shows of a search; none finds nothing.

    Raises:
        FhirError: the constant refusal when the search cannot be narrowed.
    """
    view = sight.view
    if not view.sees(type_):
        return ()
    cohort = view.cohort(type_)
    if cohort.whole:
        anchor = _anchored(asked, {_ID})
        whole = Query(_without(asked, None), _always, _always)
        return (whole,) if anchor is None else _by_id(asked, anchor, anchor.ids)
    check_told_apart(view, type_)
    asked = (*asked, *granular(cohort))
    if type_ == "Patient":
        return _of_patients(sight, asked)
    named = _anchored(asked, {_ID})
    if named is not None:
        return _by_id(asked, named, named.ids)
    return _of_compartment(sight, type_, asked) if codes(type_) else _outside(sight, type_, asked)


def _of_patients(sight: Sight, asked: Sequence[Asked]) -> tuple[Query, ...]:
    cohort, anchor = sight.view.cohort("Patient"), _anchored(asked, {_ID})
    allowed = sight.patients(cohort)
    if allowed is None and anchor is None:
        only_labels = len(_labels(cohort.without)) == len(cohort.without)
        return _spared(cohort, asked) if cohort.without and only_labels else _granted(cohort, asked)
    if allowed is None or anchor is None:
        ids = (allowed or frozenset()) if anchor is None else anchor.ids - sight.denied(cohort)
    else:
        ids = allowed & anchor.ids
    return _by_id(asked, anchor, ids)


def _of_compartment(sight: Sight, type_: str, asked: Sequence[Asked]) -> tuple[Query, ...]:
    """Narrow by the patients of the cohort, or by those whom the client asks for if it does."""
    cohort = sight.view.cohort(type_)
    allowed = sight.patients(cohort)
    anchor = next((a for a in asked if a.code and a.code != _ID), None)
    if allowed is None and anchor is None:
        return _granted(cohort, asked)
    if allowed is None:
        ids = (anchor.ids if anchor else frozenset()) - sight.denied(cohort)
    else:
        ids = allowed if anchor is None else allowed & anchor.ids
    by = codes(type_) if anchor is None else (anchor.code,)
    rest = _without(asked, anchor)
    steps = tuple(product(_slices(ids), by))
    if len(steps) > MAX_QUERIES:
        raise not_narrowed()
    queries = []
    if type_ == "List" and anchor is None:  # about nobody, and in the pool of its name
        names = _named(type_, cohort.within)
        queries += [
            Query((*rest, (_ID, ",".join(part))), _has_id(part), lambda r: not about(r, sight.bases))
            for part in _slices(names)
        ]
    for n, (part, code) in enumerate(steps):
        value = ",".join(f"Patient/{id_}" for id_ in part)
        queries.append(Query((*rest, (code, value)), _finds(sight, part, code), _first(sight, steps, n)))
    return tuple(queries)


def _outside(sight: Sight, type_: str, asked: Sequence[Asked]) -> tuple[Query, ...]:
    """Narrow a type outside the compartment of patients: by name or by label."""
    cohort = sight.view.cohort(type_)
    if type_ == "Group" and cohort.without:
        return ()  # none is shown: it would name who is denied
    (spared,) = _spared(cohort, asked)
    if not cohort.within:
        return (spared,)
    rest, is_spared = spared.parameters, spared.promised
    for clause in cohort.within:
        tags, names = frozenset(_labels(clause)), _named(type_, (clause,))
        if not tags:
            return tuple(_by_name(rest, part, is_spared) for part in _slices(names))
        if not names:  # one or the other: no parameter says it
            return (_by_label(rest, tags, is_spared),)
    raise not_narrowed()


def _spared(cohort: Cohort, asked: Sequence[Asked]) -> tuple[Query, ...]:
    """Return the query of what itself carries no denied label."""
    denied = frozenset(_labels(cohort.without))
    rest = (*_without(asked, None), *(("_security:not", _label(tag)) for tag in sorted(denied)))
    return (Query(rest, lambda resource: not own_pools(resource) & denied, _always),)


def _by_name(rest: tuple[tuple[str, str], ...], part: Collection[str], is_spared: Test) -> Query:
    is_named = _has_id(part)
    return Query((*rest, (_ID, ",".join(part))), lambda r: is_spared(r) and is_named(r), _always)


def _by_label(rest: tuple[tuple[str, str], ...], tags: frozenset[str], is_spared: Test) -> Query:
    value = ",".join(_label(tag) for tag in sorted(tags))
    return Query((*rest, ("_security", value)), lambda r: is_spared(r) and bool(own_pools(r) & tags), _always)


def _label(tag: str) -> str:
    """Return the token of a label.

    Raises:
        FhirError: the constant refusal, for a label that a token would have to escape.
    """
    token = tag.removeprefix(LABEL)
    if any(sign in token for sign in "\\$,"):
        raise not_narrowed()
    return token


def _granted(cohort: Cohort, asked: Sequence[Asked]) -> tuple[Query, ...]:
    """Return the query of a type that granular scopes alone narrow: all patients, some of their resources."""
    if cohort.without or not granular(cohort):
        raise not_narrowed()
    return (Query(_without(asked, None), _always, _always),)


def granular(cohort: Cohort) -> tuple[Asked, ...]:
    """Return the parameters that granular scopes add: those of the sets that one value of each can say.

    They make answers shorter and promise nothing: servers differ in what a token matches, and content tells.
    """
    found = []
    for queries in cohort.queries:
        pairs = [parse_qsl(query, keep_blank_values=True) for query in sorted(queries)]
        if len(pairs) == 1:
            found += [Asked(name, value) for name, value in pairs[0]]
        elif all(len(one) == 1 for one in pairs) and len({one[0][0] for one in pairs}) == 1:
            found.append(Asked(pairs[0][0][0], ",".join(one[0][1] for one in pairs)))
    return tuple(found)


def by_id(asked: Iterable[Asked], ids: Collection[str]) -> tuple[Query, ...]:
    """Return the queries for resources that are known to be in the view, by their ids."""
    return _by_id(tuple(asked), None, ids)


def _by_id(asked: Sequence[Asked], anchor: Asked | None, ids: Collection[str]) -> tuple[Query, ...]:
    rest = _without(asked, anchor)
    return tuple(Query((*rest, (_ID, ",".join(part))), _has_id(part), _always) for part in _slices(ids))


def _anchored(asked: Sequence[Asked], among: Collection[str]) -> Asked | None:
    return next((a for a in asked if a.code in among), None)


def _without(asked: Iterable[Asked], anchor: Asked | None) -> tuple[tuple[str, str], ...]:
    return tuple((a.name, a.value) for a in asked if a is not anchor)


def _slices(ids: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    ordered = sorted(ids)
    return tuple(tuple(ordered[n : n + MAX_IDS]) for n in range(0, len(ordered), MAX_IDS))


def _labels(pools: Iterable[str]) -> list[str]:
    return sorted(pool for pool in pools if pool.startswith(LABEL))


def _named(type_: str, clauses: Iterable[frozenset[str]]) -> frozenset[str]:
    """Return the ids of the type that every clause names; only a Group or a List is the pool of its name."""
    found = [
        frozenset(p.removeprefix(f"{type_}/") for p in clause if p.startswith(f"{type_}/"))
        for clause in clauses
    ]
    return frozenset.intersection(*found) if found and type_ in DEFINING else frozenset()


def _always(_: Mapping[str, Any]) -> bool:
    return True


def _has_id(part: Collection[str]) -> Test:
    ids = frozenset(part)
    return lambda resource: resource["id"] in ids


def _finds(sight: Sight, part: Collection[str], code: str) -> Test:
    ids = frozenset(part)
    return lambda resource: bool(patients(resource, code, sight.bases) & ids)


def _first(sight: Sight, steps: Sequence[tuple[tuple[str, ...], str]], n: int) -> Test:
    """Tell of a resource whether no query before the ``n``-th finds it."""
    before = [(frozenset(part), code) for part, code in steps[:n]]

    def is_first(resource: Mapping[str, Any]) -> bool:
        by_code = {
            code: patients(resource, code, sight.bases) for code in dict.fromkeys(c for _, c in before)
        }
        return not any(by_code[code] & part for part, code in before)

    return is_first
