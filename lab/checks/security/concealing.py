"""What the masks of the restricted identity hide of what it sees, and whether an answer tells it.

Source: five-levels reference, L5; CWE-212.
"""

from collections.abc import Iterator

from lab.api import COHORT, Expect, FhirClient, Reply, Truth, parse_path
from lab.checks.sample import matches
from lab.checks.security.likeness import answered
from lab.checks.security.links import visible_ids
from lab.checks.security.masked import Resource, resources_in, shown, values
from lab.checks.security.restriction import Restriction, restriction
from lab.checks.security.secret_values import leaked

FEW = 10


def masking(truth: Truth, expect: Expect) -> Restriction:
    """Return the restriction of the restricted identity; skips when nothing is masked from it."""
    limits = restriction(truth, expect)
    if not limits.masked_types:
        expect.skip(
            "Le manifeste ne déclare aucun élément masqué d'un type que l'identité restreinte peut chercher.",
            "The manifest declares no masked element of a type that the restricted identity may search.",
        )
    return limits


def known(
    fhir: FhirClient, restricted: FhirClient, limits: Restriction, expect: Expect
) -> Iterator[tuple[str, tuple[str, ...], list[Resource]]]:
    """Yield each masked type with ids that the restricted identity finds, and what the full one reads there.

    Skips when none of them holds anything to mask.
    """
    usable = False
    for type_ in limits.masked_types:
        ids = visible_ids(restricted, type_, FEW)
        page = fhir.search(type_, {"_id": ",".join(ids), "_count": FEW}) if ids else None
        by_id = {str(r["id"]): r for r in matches(page, type_)} if page else {}
        both = tuple(id_ for id_ in ids if id_ in by_id and values(by_id[id_], limits.masked_of(type_)))
        if both:
            usable = True
            yield type_, both, [by_id[id_] for id_ in both]
    if not usable:
        expect.skip(
            "L'identité restreinte ne trouve aucune ressource qui ait quelque chose à masquer.",
            "The restricted identity finds no resource that has anything to mask.",
        )


def conceals(reply: Reply, type_: str, limits: Restriction, hidden: frozenset[str], expect: Expect) -> None:
    """Expect neither a masked element nor a secret in an answer; a refusal conceals."""
    answered(reply, expect)
    paths = limits.masked_of(type_)
    found = {path for resource in resources_in(reply.json, type_) for path in shown(resource, paths)}
    expect.that(not found, expected="masked", seen=", ".join(sorted(found)), evidence=[reply])
    value = leaked(hidden, reply)
    expect.that(not value, expected="no masked value in the answer", seen=value, evidence=[reply])


def concealed(truth: Truth, limits: Restriction) -> frozenset[str]:
    """Return the planted values that masks hide of what the restricted identity sees."""
    canary, found = truth.canary, set[str]()
    inside = set(canary.inside(COHORT))
    for path in map(parse_path, limits.masked):
        for marker, where in canary.markers.items():
            name, _, element = where.partition(" ")
            type_, _, id_ = name.partition("/")
            if type_ == path.type and (id_ in inside or type_ != "Patient"):
                own = element == path.elements[0] or (
                    element.startswith(f"{path.elements[0]}.") and not path.systems
                )
                found |= {marker} if own else set()
    return frozenset(found)


def told(hidden: frozenset[str], reply: Reply) -> str:
    """Return the first planted value anywhere in the bytes or headers of an answer, shortened, or nothing.

    A planted value is a word that stands nowhere else: finding it within another word is a leak as well.
    """
    said = "\n".join([reply.text, *(value for _, value in reply.headers)])
    return next((f"{text[:2]}…" for text in sorted(hidden) if text in said), "")
