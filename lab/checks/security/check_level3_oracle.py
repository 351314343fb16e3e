"""Level 3, resource type: searching *by* a closed type tells its values as surely as reading it.

Source: hapifhir/hapi-fhir #6065 (``_has``), medplum/medplum #9973 (chains); CWE-203.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lab.api import HIGH, SERVER, Expect, FhirClient, Reply, Text, Truth, probe
from lab.checks.sample import match_ids
from lab.checks.security.likeness import answered, twin
from lab.checks.security.links import LINKS, READING, Link, readable_value, visible_ids
from lab.checks.security.restriction import Restriction, closed_types, restriction

_ENOUGH = 3
_OPEN_TRIED = 4


@dataclass(frozen=True)
class _Question:
    """A search on an open type by a value of a closed one: ``name`` without its value."""

    type: str
    id: str
    name: str
    value: str


@probe(
    "L3-23",
    level=3,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L3-23",),
    title=Text(fr="Recherche par un type hors des portées", en="Search by an unscoped type"),
    failure=Text(
        fr="_has ou une recherche chaînée révèle les valeurs d'un type que les portées n'ouvrent pas.",
        en="_has or a chained search reveals values of a type that the scopes do not open.",
    ),
    remedy=Text(
        fr="Refuser, ou évaluer sur rien, toute sous-recherche portant sur un type hors des portées du "
        "jeton.",
        en="Refuse, or evaluate on nothing, every sub-search on a type outside the scopes of the token.",
    ),
)
def search_by_unscoped_type(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Ask by a value that exists and by one that does not: the answers must not tell them apart."""
    limits = restriction(truth, expect)
    closed = closed_types(fhir, limits, expect)
    chance = truth.random("L3-23")
    shown = tried = 0
    for question in _questions(fhir, restricted, limits, closed):
        wrong = twin(question.value, chance)
        tried += 1
        if not _evaluated(fhir, question, wrong):
            continue
        shown += 1
        right_reply = _ask(restricted, question, question.value)
        wrong_reply = _ask(restricted, question, wrong)
        answered(right_reply, expect)
        expect.that(
            _told(right_reply) == _told(wrong_reply),
            expected="the same answer for a value that exists and one that does not",
            seen=f"{_told(right_reply)} against {_told(wrong_reply)} by {question.name}",
            evidence=[right_reply, wrong_reply],
        )
        if shown == _ENOUGH:
            return
    if not tried:
        expect.skip(
            "Aucune valeur d'un type fermé n'est liée à une ressource visible de l'identité restreinte.",
            "No value of a closed type is tied to a resource that the restricted identity sees.",
        )
    if not shown:
        expect.omit(
            f"Le serveur n'évalue ni _has ni les recherches chaînées : {tried} essais avec l'identité "
            "complète.",
            f"The server evaluates neither _has nor chained searches: {tried} attempts with the full "
            "identity.",
        )


def _questions(
    fhir: FhirClient, restricted: FhirClient, limits: Restriction, closed: tuple[str, ...]
) -> Iterator[_Question]:
    """Yield searches by values learnt with the full identity, ``_has`` then chains."""
    for link in LINKS:
        if link.source in closed and link.source in READING and limits.opens(link.target, "s"):
            yield from _by_has(fhir, restricted, link)
    for link in LINKS:
        if link.target in closed and link.target in READING and limits.opens(link.source, "s"):
            yield from _by_chain(fhir, restricted, link)


def _by_has(fhir: FhirClient, restricted: FhirClient, link: Link) -> Iterator[_Question]:
    code, _ = READING[link.source]
    for id_ in visible_ids(restricted, link.target, _OPEN_TRIED):
        for resource in fhir.search(link.source, {link.name: id_, "_count": 1}).resources(link.source):
            if value := readable_value(resource):
                yield _Question(link.target, id_, f"_has:{link.source}:{link.name}:{code}", value)
                return


def _by_chain(fhir: FhirClient, restricted: FhirClient, link: Link) -> Iterator[_Question]:
    code, _ = READING[link.target]
    for id_ in visible_ids(restricted, link.source, _OPEN_TRIED):
        search = {"_id": id_, "_include": f"{link.source}:{link.name}"}
        for resource in fhir.search(link.source, search).resources(link.target):
            if value := readable_value(resource):
                for name in (f"{link.name}.{code}", f"{link.name}:{link.target}.{code}"):
                    yield _Question(link.source, id_, name, value)
                return


def _evaluated(fhir: FhirClient, question: _Question, wrong: str) -> bool:
    """Tell whether the server really searches by it: the full identity finds with the right value only."""
    found = match_ids(_ask(fhir, question, question.value), question.type)
    return question.id in found and not match_ids(_ask(fhir, question, wrong), question.type)


def _ask(client: FhirClient, question: _Question, value: str) -> Reply:
    return client.search(question.type, {"_id": question.id, question.name: value})


def _told(reply: Reply) -> str:
    total = reply.resource.get("total")
    return f"HTTP {reply.status}, {len(reply.ids)} matches" + (
        f", total {total}" if total is not None else ""
    )
