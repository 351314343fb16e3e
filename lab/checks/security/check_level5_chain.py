"""Level 5, data: no search through another resource, nor by free text, tells of a masked element.

Sources: five-levels reference, L5-08 and L5-09; hapifhir/hapi-fhir #6065, HackTricks-wiki/hacktricks #2775.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from lab.api import HIGH, SERVER, Expect, FhirClient, Text, Truth, probe
from lab.checks.security.links import LINKS, Link
from lab.checks.security.masked_questions import Masked, masked_values
from lab.checks.security.masked_search import wrong
from lab.checks.security.oracle import Question, answered_alike
from lab.checks.security.restriction import Restriction, restriction

_MOST = 24
_MORE_LINKS = (
    Link("RelatedPerson", "patient", "Patient"),
    Link("DocumentReference", "subject", "Patient"),
    Link("Task", "patient", "Patient"),
    Link("List", "item", "Patient"),
    Link("Group", "member", "Patient"),
    Link("Patient", "link", "Patient"),
)


@dataclass(frozen=True)
class _Way:
    """A search of ``type`` by something of another one; ``name`` begins the parameter."""

    type: str
    name: str


@probe(
    "L5-08",
    level=5,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L5-08",),
    title=Text(fr="Recherche chaînée sur un élément masqué", en="Chained search on a masked element"),
    failure=Text(
        fr="Une recherche chaînée, ou _has, dit ce que vaut un élément masqué d'une autre ressource.",
        en="A chained search, or _has, tells what a masked element of another resource is.",
    ),
    remedy=Text(
        fr="Contrôler le paramètre au bout de chaque chaîne et de chaque _has comme un paramètre direct.",
        en="Check the parameter at the end of every chain and every _has as a direct one.",
    ),
)
def chained(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Search every open type along its references to a masked one, by right and wrong values."""
    limits = restriction(truth, expect)
    chance = truth.random("L5-08")
    first: dict[tuple[str, str], Masked] = {}
    for one in masked_values(fhir, restricted, limits):
        first.setdefault((one.type, one.path), one)
    # Every way with one element of each type; the other elements by one way only.
    whole = {one.type: one for one in reversed(first.values())}
    questions = [q for one in whole.values() for q in _through(one, limits, chance)]
    rest = (one for one in first.values() if one is not whole[one.type])
    questions += [q for one in rest for q in list(_through(one, limits, chance))[:1]]
    _expect_alike(restricted, questions, expect)


@probe(
    "L5-09",
    level=5,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L5-09",),
    title=Text(fr="Recherche en plein texte ou par filtre libre", en="_filter, _content, _text, _query"),
    failure=Text(
        fr="Une recherche en texte libre ou par _filter trouve une ressource par un élément masqué.",
        en="A search by free text or by _filter finds a resource by a masked element.",
    ),
    remedy=Text(
        fr="Refuser _content, _text, _filter et _query aux identités masquées, ou n'indexer que leur vue.",
        en="Refuse _content, _text, _filter and _query to masked identities, or index what they see.",
    ),
)
def free_text(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Search by the words of masked elements, and by words of nobody."""
    limits = restriction(truth, expect)
    chance = truth.random("L5-09")
    first: dict[tuple[str, str], Masked] = {}
    for one in masked_values(fhir, restricted, limits):
        first.setdefault((one.type, one.path), one)
    questions = [q for one in first.values() for q in _in_words(one, wrong(one.value, chance))]
    _expect_alike(restricted, questions, expect)


def _expect_alike(restricted: FhirClient, questions: list[Question], expect: Expect) -> None:
    if not questions:
        expect.skip(
            "Aucune ressource visible de l'identité restreinte ne porte de valeur masquée à chercher.",
            "No resource that the restricted identity sees holds a masked value to search by.",
        )
    answered_alike(restricted.search, questions[:_MOST], expect)


def _through(one: Masked, limits: Restriction, chance: random.Random) -> Iterator[Question]:
    other = wrong(one.value, chance)
    for way in _ways(one.type, limits):
        name = f"{way.name}{one.name}"
        yield Question(way.type, name, {name: one.value}, {name: other}, one.value, other)


def _ways(type_: str, limits: Restriction) -> Iterator[_Way]:
    """Yield the searches along references to a type, then those by what a resource of it refers to."""
    links = (*LINKS, *_MORE_LINKS)
    for link in links:
        if link.target == type_ and limits.opens(link.source, "s"):
            yield _Way(link.source, f"{link.name}.")
            if link.source == "Observation":
                yield _Way(link.source, f"{link.name}:{type_}.")
    for link in links:
        if link.source == type_ and limits.opens(link.target, "s"):
            yield _Way(link.target, f"_has:{type_}:{link.name}:")


def _in_words(one: Masked, other: str) -> Iterator[Question]:
    word, nobody = one.value.rpartition("|")[2], other.rpartition("|")[2]
    for name, text in (
        ("_content", "{}"),
        ("_text", "{}"),
        ("_filter", f'{one.name} eq "{{}}"'),
        ("_query", "{}"),
    ):
        right, not_right = text.format(word), text.format(nobody)
        yield Question(
            one.type, name, {"_id": one.id, name: right}, {"_id": one.id, name: not_right}, right, not_right
        )
