"""Level 5, data: neither modifiers, derived parameters nor an order tell of a masked element.

Source: five-levels reference, L5-05 to L5-07 and P2; CWE-203. A refusal (400) and an answer that is the same
for every value are both right.
"""

import random
from collections.abc import Iterator

from lab.api import HIGH, SERVER, Expect, FhirClient, Text, Truth, parse_path, probe
from lab.checks.security.likeness import twin
from lab.checks.security.masked import values
from lab.checks.security.masked_questions import Masked, masked_values
from lab.checks.security.masked_search import wrong
from lab.checks.security.oracle import Question, answered_alike
from lab.checks.security.restriction import restriction
from lab.checks.statement import objects

_MODIFIERS = {
    "string": ("exact", "contains"),
    "token": ("not", "text"),
    "date": (),
    "": ("exact", "contains", "not"),
}
_MOST = 16
_ORDERED = 10


@probe(
    "L5-05",
    level=5,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L5-05",),
    title=Text(fr="Modificateurs sur un élément masqué", en="Search modifiers on a masked element"),
    failure=Text(
        fr="Un modificateur (:missing, :exact, :contains, :not, :text) fait dire à une recherche ce que vaut "
        "un élément masqué.",
        en="A modifier (:missing, :exact, :contains, :not, :text) makes a search tell a masked element.",
    ),
    remedy=Text(
        fr="Refuser par 400 un paramètre masqué quel que soit son modificateur : comparer son nom sans lui.",
        en="Refuse a masked parameter with 400 whatever its modifier: compare its name without it.",
    ),
)
def modifiers(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Ask for a visible resource by its masked value under each modifier, and whether there is a value."""
    chance = truth.random("L5-05")
    # Once for each element and kind of parameter: the others of the kind are read in the same way.
    several: dict[tuple[str, str], Masked] = {}
    for one in masked_values(fhir, restricted, restriction(truth, expect)):
        several.setdefault((one.path, one.kind), one)
    questions = [question for one in several.values() for question in _modified(one, chance)]
    _alike(restricted, questions, expect)


@probe(
    "L5-06",
    level=5,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L5-06",),
    title=Text(fr="Paramètres composés et dérivés", en="Composite and derived parameters"),
    failure=Text(
        fr="Un paramètre dérivé d'un élément masqué (address, telecom, phonetic, un préfixe de date...) dit "
        "ce qu'il vaut.",
        en="A parameter derived from a masked element (address, telecom, phonetic, a date prefix...) tells "
        "what it is.",
    ),
    remedy=Text(
        fr="Masquer un paramètre d'après les éléments que lit son expression, jamais d'après son nom.",
        en="Mask a parameter by the elements that its expression reads, never by its name.",
    ),
)
def derived(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Ask by everything else that reads a masked element, among all resources of the type."""
    chance = truth.random("L5-06")
    once: dict[str, Masked] = {}
    for one in masked_values(fhir, restricted, restriction(truth, expect)):
        once.setdefault(one.path, one)
    questions = [question for one in once.values() for question in _derived(one, chance)]
    _alike(restricted, questions, expect)


@probe(
    "L5-07",
    level=5,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L5-07",),
    title=Text(fr="Tri par un élément masqué", en="Sort by a masked element"),
    failure=Text(
        fr="Un tri par un élément masqué range les ressources selon sa valeur.",
        en="Sorting by a masked element puts resources in the order of its value.",
    ),
    remedy=Text(
        fr="Refuser par 400 un _sort qui nomme un paramètre masqué, comme la recherche par ce paramètre.",
        en="Refuse with 400 a _sort that names a masked parameter, as the search by that parameter.",
    ),
)
def order(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Sort by each masked parameter upwards and downwards: the order must not turn round."""
    limits = restriction(truth, expect)
    types = {t for t in limits.masked_types if len(restricted.search(t, _count=_ORDERED).ids) > 1}
    several = {(one.type, one.name) for one in masked_values(fhir, restricted, limits) if one.type in types}
    _alike(
        restricted,
        [
            Question(
                type_,
                f"_sort={name}",
                {"_sort": name, "_count": _ORDERED},
                {"_sort": f"-{name}", "_count": _ORDERED},
                name,
                f"-{name}",
            )
            for type_, name in sorted(several)
        ],
        expect,
    )


def _alike(restricted: FhirClient, questions: list[Question], expect: Expect) -> None:
    if not questions:
        expect.skip(
            "Aucune ressource visible de l'identité restreinte ne porte de valeur masquée à chercher.",
            "No resource that the restricted identity sees holds a masked value to search by.",
        )
    answered_alike(restricted.search, questions[:_MOST], expect)


def _modified(one: Masked, chance: random.Random) -> Iterator[Question]:
    missing = f"{one.name}:missing"
    yield _question(one, missing, ("false", "true"))
    for modifier in _MODIFIERS.get(one.kind, ("exact", "not")):
        system, bar, value = one.value.rpartition("|")
        if modifier == "contains" and len(value) > 3:
            value = value[1:-1]
        plain = value if modifier in {"contains", "text"} else f"{system}{bar}{value}"
        yield _question(one, f"{one.name}:{modifier}", (plain, wrong(plain, chance)))


def _question(one: Masked, name: str, values_: tuple[str, str]) -> Question:
    right, other = values_
    return Question(one.type, name, {"_id": one.id, name: right}, {"_id": one.id, name: other}, right, other)


def _derived(one: Masked, chance: random.Random) -> Iterator[Question]:
    """Yield questions by other parameters of the same element, by parts of it, and by lists of values."""
    element = parse_path(one.path).elements[0]
    held = values(one.resource, [one.path])
    items = objects(held)
    for name, right, other in (*_parts(element, items, chance), *_shapes(one, element, held, chance)):
        yield Question(one.type, name, {name: right}, {name: other}, right, other)


def _parts(
    element: str, items: list[dict[str, object]], chance: random.Random
) -> Iterator[tuple[str, str, str]]:
    parts = {
        "address": (("address", "postalCode"), ("address-country", "country"), ("address-state", "state")),
        "telecom": (("telecom", "value"), ("phone", "value"), ("email", "value")),
        "name": (("phonetic", "family"), ("name", "family")),
        "identifier": (("identifier", "value"),),
    }
    for name, member in parts.get(element, ()):
        right = next((value for item in items if isinstance(value := item.get(member), str)), "")
        if right:
            yield name, right, twin(right, chance)


def _shapes(
    one: Masked, element: str, held: list[object], chance: random.Random
) -> Iterator[tuple[str, str, str]]:
    """Yield a list of values of which one is right, and dates by their borders."""
    if element == "birthDate":
        for day in (value for value in held[:1] if isinstance(value, str)):
            yield one.name, f"ge{day}", f"gt{day}"
            yield one.name, day[:4], str(int(day[:4]) - 1) if day[:4].isdigit() else "1900"
    else:
        first, second = wrong(one.value, chance), wrong(one.value, chance)
        yield one.name, f"{first},{one.value}", f"{first},{second}"
