"""SRV-SRC-18: what fifty random searches find, measured against what is known to be there.

A rule of the laboratory; the meaning of each criterion is that of https://hl7.org/fhir/R4/search.html
"""

import random
from dataclasses import dataclass

from lab.api import SHALL, Expect, FhirClient, Reply, Text, Truth, check, status_of
from lab.checks.criteria import all_of
from lab.checks.pool import OK, WHOLE, Pool, gap, pools
from lab.checks.random_criteria import Criterion, drawn, sources
from lab.checks.sample import match_ids

ID = "SRV-SRC-18"
QUESTIONS = 50
MOST_DRAWN = 400
TYPES = ("Patient", "Observation", "Encounter")
ENOUGH_PARAMETERS = 3


@dataclass(frozen=True)
class _Question:
    """One search: criteria that a resource must meet all."""

    pool: Pool
    criteria: tuple[Criterion, ...]

    @property
    def parameters(self) -> dict[str, object]:
        return {one.name: one.value for one in self.criteria}

    @property
    def words(self) -> str:
        return f"{self.pool.type}?" + "&".join(f"{one.name}={one.value}" for one in self.criteria)


@check(
    ID,
    expectation=SHALL,
    requirements=("laboratory@seeded-recall",),
    title=Text(
        fr="Rappel et précision sur des données connues",
        en="Recall and precision against the seeded population",
    ),
    failure=Text(
        fr="Sur cinquante recherches tirées au sort, le serveur perd des résultats ou en rend de faux.",
        en="Over fifty random searches, the server loses matches or gives wrong ones.",
    ),
    remedy=Text(
        fr="Rejouer la première recherche citée : elle dit quel paramètre déclaré ne rend pas le bon "
        "ensemble. Ne déclarer que les paramètres qui sont vraiment cherchés.",
        en="Ask the first search that is cited again: it says which declared parameter does not give the "
        "right set. Declare only the parameters that are really searched.",
    ),
)
def recall_and_precision(fhir: FhirClient, truth: Truth, expect: Expect) -> None:
    """Ask fifty searches of one or two criteria and add up what is missing and what is wrong."""
    known = pools(fhir, truth, expect, *TYPES)
    if sum(len(sources(pool)) for pool in known) < ENOUGH_PARAMETERS:
        expect.skip(
            f"Moins de {ENOUGH_PARAMETERS} paramètres déclarés ont une valeur dans les ressources lues.",
            f"Fewer than {ENOUGH_PARAMETERS} declared parameters have a value in the resources read.",
        )
    asked = _questions(fhir, known, truth.random(ID))
    missing = wrong = found = 0
    first: tuple[str, Reply] | None = None
    for question in asked:
        reply = fhir.search(question.pool.type, {**question.pool.scope, **question.parameters}, _count=WHOLE)
        lost, strange = _judged(question, reply)
        found += len(match_ids(reply, question.pool.type))
        missing, wrong = missing + lost, wrong + strange
        if first is None and (lost or strange):
            first = (f"{question.words}: {lost} missing, {strange} wrong ({status_of(reply)})", reply)
    right = found - wrong
    measured = f"recall {_ratio(right, right + missing)}, precision {_ratio(right, found)}"
    words = f"{measured} over {len(asked)} searches"
    expect.that(
        first is None,
        expected="recall 1.0 and precision 1.0",
        seen=f"{words}; first: {first[0]}" if first else words,
        evidence=[pool.reply for pool in known] + ([first[1]] if first else []),
    )
    expect.that(found > 0, expected="some match in all", seen=words, evidence=[known[0].reply])


def _judged(question: _Question, reply: Reply) -> tuple[int, int]:
    """Return how many resources are missing and how many wrong; a refusal loses all of them."""
    missing, wrong = gap(
        question.pool,
        match_ids(reply, question.pool.type),
        lambda resource: all_of(one.wanted(resource) for one in question.criteria),
    )
    if reply.status == OK and reply.link("next") is not None:
        return 0, len(wrong)  # the rest is on further pages
    return len(missing), len(wrong)


def _questions(fhir: FhirClient, known: list[Pool], dice: random.Random) -> list[_Question]:
    """Draw questions that differ, of every pool in turn; as many as the values give."""
    found: dict[str, _Question] = {}
    for turn in range(MOST_DRAWN):
        pool = known[turn % len(known)]
        names = sources(pool)
        if not names or len(found) == QUESTIONS:
            continue
        chosen = dice.sample(names, k=min(len(names), dice.choice((1, 1, 2))))
        criteria = tuple(c for one in chosen if (c := drawn(fhir, pool, one, dice)) is not None)
        if criteria:
            question = _Question(pool, criteria)
            found.setdefault(question.words, question)
    return list(found.values())


def _ratio(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "1.0"
