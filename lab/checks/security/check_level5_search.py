"""Level 5, data: searching by a masked element tells nothing of it.

Source: five-levels reference, L5-04 and P2; CWE-203.
"""

from collections.abc import Iterator

from lab.api import CRITICAL, SERVER, Expect, FhirClient, Reply, Text, Truth, probe
from lab.checks.sample import matches
from lab.checks.security.likeness import answered
from lab.checks.security.links import visible_ids
from lab.checks.security.masked_search import questions, wrong
from lab.checks.security.restriction import Restriction, restriction

_TRIED = 5
_REFUSED = 400


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
    asked = 0
    for type_, id_, name, value in _asked(fhir, restricted, limits):
        other = wrong(value, chance)
        asked += 1
        for search in (restricted.search, restricted.search_by_post):
            right_reply = search(type_, {"_id": id_, name: value})
            wrong_reply = search(type_, {"_id": id_, name: other})
            answered(right_reply, expect)
            right, not_right = _told(right_reply, value), _told(wrong_reply, other)
            expect.that(
                right == not_right,
                expected="the same answer to a right and to a wrong value",
                seen=f"HTTP {right_reply.status} with {len(right_reply.ids)} matches against HTTP "
                f"{wrong_reply.status} with {len(wrong_reply.ids)} by {name}",
                evidence=[right_reply, wrong_reply],
            )
    if not asked:
        expect.skip(
            "Aucune ressource visible de l'identité restreinte ne porte de valeur masquée à chercher.",
            "No resource that the restricted identity sees holds a masked value to search by.",
        )


def _asked(
    fhir: FhirClient, restricted: FhirClient, limits: Restriction
) -> Iterator[tuple[str, str, str, str]]:
    """Yield type, id, parameter and right value, each parameter once."""
    for type_ in limits.masked_types:
        ids = visible_ids(restricted, type_, _TRIED)
        page = fhir.search(type_, {"_id": ",".join(ids), "_count": _TRIED}) if ids else None
        known: set[str] = set()
        for resource in matches(page, type_) if page else ():
            for path in limits.masked_of(type_):
                for name, value in questions(resource, path):
                    if name not in known and resource.get("id") in ids:
                        known.add(name)
                        yield type_, str(resource["id"]), name, value


def _told(reply: Reply, value: str) -> tuple[object, ...]:
    """Return what an answer tells: a refusal by its bytes, a Bundle by what it found."""
    if reply.status >= _REFUSED:
        return reply.status, reply.text.replace(value, "[asked]")
    return reply.status, tuple(reply.ids), reply.resource.get("total")
