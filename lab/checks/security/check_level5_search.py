"""Level 5, data: searching by a masked element tells nothing of it.

Source: five-levels reference, L5-04 and P2; CWE-203.
"""

from lab.api import CRITICAL, SERVER, Expect, FhirClient, Text, Truth, probe
from lab.checks.security.masked_questions import masked_values
from lab.checks.security.masked_search import wrong
from lab.checks.security.oracle import Question, answered_alike
from lab.checks.security.restriction import restriction


@probe(
    "L5-04",
    level=5,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L5-04",),
    title=Text(fr="Recherche par un élément masqué", en="Search by a masked element"),
    failure=Text(
        fr="La recherche par un élément masqué ne répond pas la même chose à une vraie et à une fausse "
        "valeur.",
        en="Searching by a masked element does not answer the same to a right and to a wrong value.",
    ),
    remedy=Text(
        fr="Refuser par 400, avec un message constant, tout paramètre qui lit un élément masqué.",
        en="Refuse with 400, and a constant message, every parameter that reads a masked element.",
    ),
)
def search_by_masked(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Ask, by GET and POST, for a resource that is visible, by its masked value and by another one."""
    limits = restriction(truth, expect)
    chance = truth.random("L5-04")
    questions = [
        Question(
            one.type,
            one.name,
            {"_id": one.id, one.name: one.value},
            {"_id": one.id, one.name: other},
            one.value,
            other,
        )
        for one in masked_values(fhir, restricted, limits)
        for other in [wrong(one.value, chance)]
    ]
    if not questions:
        expect.skip(
            "Aucune ressource visible de l'identité restreinte ne porte de valeur masquée à chercher.",
            "No resource that the restricted identity sees holds a masked value to search by.",
        )
    for search in (restricted.search, restricted.search_by_post):
        answered_alike(search, questions, expect)
