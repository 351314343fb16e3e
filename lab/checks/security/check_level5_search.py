"""Level 5, data: searching by a masked element tells nothing of it.

Source: five-levels reference, L5-04 and P2; CWE-203.
"""

from typing import Any

from lab.api import CRITICAL, SERVER, Expect, FhirClient, Reply, Text, Truth, parse_path, probe, status_of
from lab.checks.security.likeness import twin
from lab.checks.security.links import visible_ids
from lab.checks.security.masked import Resource, values
from lab.checks.security.restriction import Restriction, restriction
from lab.checks.security.secret_values import strings

_TRIED = 5
_PARAMETERS: dict[str, dict[str, tuple[str, ...]]] = {
    "address": {
        "address": ("city", "line", "postalCode"),
        "address-city": ("city",),
        "address-postalcode": ("postalCode",),
    },
    "telecom": {"telecom": ("value",), "phone": ("value",), "email": ("value",)},
    "name": {"name": ("family", "given"), "family": ("family",), "given": ("given",)},
    "birthDate": {"birthdate": ()},
    "identifier": {"identifier": ("value",)},
    "gender": {"gender": ()},
}
"""For a masked element, the search parameters that read it, each with the members that give its values."""


@probe(
    "L5-04",
    level=5,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L5-04",),
    title=Text(fr="Recherche par un élément masqué", en="Search by a masked element"),
    failure=Text(
        fr="La recherche par un élément masqué ne répond pas la même chose pour une vraie et une fausse valeur.",
        en="Searching by a masked element does not answer the same for a right and a wrong value.",
    ),
    remedy=Text(
        fr="Refuser par 400, avec un message constant, tout paramètre qui lit un élément masqué.",
        en="Refuse with 400, and a constant message, every parameter that reads a masked element.",
    ),
)
def search_by_masked(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Ask by each parameter for a patient who is visible, by a right value and by one of the same shape."""
    limits = restriction(truth, expect)
    if not limits.masked_types:
        expect.skip(
            "Le manifeste ne déclare aucun élément masqué d'un type que l'identité restreinte peut chercher.",
            "The manifest declares no masked element of a type that the restricted identity may search.",
        )
    chance = truth.random("L5-04")
    asked = 0
    for type_ in limits.masked_types:
        for id_, name, value in _questions(fhir, restricted, type_, limits):
            wrong = twin(value, chance)
            if parse_path(limits.masked_of(type_)[0]).type == type_ and name == "birthdate":
                wrong = f"{int(value[:4]) - 1 if value[:4].isdigit() else 1900}{value[4:]}"
            asked += 1
            for search in (restricted.search, restricted.search_by_post):
                right_reply = search(type_, {"_id": id_, name: value})
                wrong_reply = search(type_, {"_id": id_, name: wrong})
                _same(right_reply, value, wrong_reply, wrong, name, expect)
    if not asked:
        expect.skip(
            "Aucune ressource visible de l'identité restreinte ne porte de valeur masquée à chercher.",
            "No resource that the restricted identity sees holds a masked value to search by.",
        )
