"""SRV-SRC-14: resources that come along with the matches of a search.

Spec: https://hl7.org/fhir/R4/search.html#include
"""

from collections import Counter

from lab.api import SHALL, Expect, FhirClient, Reply, Text, Truth, check
from lab.checks.pool import MOST_PAGES, OK, WHOLE, Pool, pools, searched
from lab.checks.referring import copied, referred
from lab.checks.sample import is_id, match_ids, matches
from lab.checks.statement import objects, part, statement

INCLUDES = {
    "Observation": (("Observation:patient", "subject"), ("Observation:subject", "subject")),
    "Encounter": (("Encounter:patient", "subject"), ("Encounter:subject", "subject")),
    "Patient": (("Patient:organization", "managingOrganization"),),
}
REVERSE, REVERSE_TYPE = "Observation:patient", "Observation"
READ_AGAIN = 3

Target = tuple[str, str]


@check(
    "SRV-SRC-14",
    expectation=SHALL,
    requirements=(
        "fhir-r4@search-include",
        "fhir-r4@search-include-mode",
        "fhir-r4@search-total",
        "fhir-r4@bundle-unique",
    ),
    title=Text(fr="_include et _revinclude", en="_include and _revinclude"),
    failure=Text(
        fr="Un _include ou _revinclude déclaré ne rend pas les ressources liées, une seule fois, marquées "
        "include et hors du total.",
        en="A declared _include or _revinclude does not give the linked resources, once each, marked include "
        "and not counted in the total.",
    ),
    remedy=Text(
        fr="Joindre chaque ressource désignée une fois avec search.mode = include ; total ne compte que les "
        "résultats. Ne déclarer dans searchInclude que ce qui marche.",
        en="Add each referred resource once with search.mode = include; total counts matches only. Declare "
        "in searchInclude only what works.",
    ),
)
def included_resources(fhir: FhirClient, truth: Truth, expect: Expect) -> None:
    """Follow one declared _include of each type from known resources, then _revinclude to known patients."""
    declared = _declared(statement(fhir).reply)
    forward = {
        type_: next(((n, path) for n, path in links if (type_, "searchInclude", n) in declared), None)
        for type_, links in INCLUDES.items()
    }
    backward = ("Patient", "searchRevInclude", REVERSE) in declared
    if not any(forward.values()) and not backward:
        expect.omit(
            "Le CapabilityStatement ne déclare aucun des _include et _revinclude usuels.",
            "The CapabilityStatement declares none of the usual _include and _revinclude.",
        )
    shown = False
    for pool in pools(fhir, truth, expect, *INCLUDES):
        link = forward[pool.type]
        if link is not None:
            shown = _forward(fhir, expect, pool, *link) or shown
        if pool.type == "Patient" and backward:
            shown = _backward(fhir, expect, pool) or shown
    if not shown:
        expect.skip(
            "Aucune ressource lue ne désigne une autre par un _include déclaré.",
            "No resource read refers to another by a declared _include.",
        )


def _forward(fhir: FhirClient, expect: Expect, pool: Pool, name: str, path: str) -> bool:
    """Ask for what the known resources refer to.

    A reference to another server may lead to a copy of that resource here: to give it is not wrong.
    """
    wanted = {target for resource in pool.resources for target in referred(fhir, resource, path)}
    if name.endswith(":patient"):
        wanted = {target for target in wanted if target[0] == "Patient"}
    if not wanted:
        return False
    pages = _pages(fhir, expect, pool, {"_include": name})
    _well_formed(expect, pages, pool)
    found = _included(pages)
    missing = sorted(wanted - found)
    lost = [one for one in missing[:READ_AGAIN] if fhir.read(*one).status == OK]
    types = {type_ for type_, _ in wanted}
    elsewhere = {target for resource in pool.resources for target in copied(resource, path)}
    strange = sorted(one for one in found - wanted - elsewhere if one[0] in types)
    _judge(expect, pages, name, lost=len(lost), strange=len(strange), wanted=len(wanted))
    return True


def _backward(fhir: FhirClient, expect: Expect, pool: Pool) -> bool:
    """Ask for the results that refer to the known patients, as a search of those results gives them."""
    for patient in sorted(pool.ids)[:READ_AGAIN]:
        direct = fhir.search(REVERSE_TYPE, {"patient": f"Patient/{patient}"}, _count=WHOLE)
        wanted = {(REVERSE_TYPE, id_) for id_ in match_ids(direct, REVERSE_TYPE)}
        if not wanted or direct.link("next") is not None:
            continue
        expect.name(direct)
        pages = _pages(fhir, expect, pool, {"_id": patient, "_revinclude": REVERSE})
        _well_formed(expect, pages, pool)
        found = {one for one in _included(pages) if one[0] == REVERSE_TYPE}
        lost, strange = len(wanted - found), len(found - wanted)
        _judge(expect, pages, f"_revinclude {REVERSE}", lost=lost, strange=strange, wanted=len(wanted))
        return True
    return False


def _pages(fhir: FhirClient, expect: Expect, pool: Pool, asked: dict[str, object]) -> list[Reply]:
    first = fhir.search(pool.type, {**pool.scope, **asked}, _count=WHOLE)
    pages = searched(fhir, expect, first)
    if pages[-1].link("next") is not None:
        expect.skip(
            f"Le résultat de l'inclusion a plus de {MOST_PAGES} pages.",
            f"The result with what is included has more than {MOST_PAGES} pages.",
        )
    return pages


def _well_formed(expect: Expect, pages: list[Reply], pool: Pool) -> None:
    """Look at what every page says of its entries: each once, what was not asked for marked, total right."""
    for page in pages:
        keys = Counter(_keys(page))
        twice = [key for key, times in keys.items() if times > 1]
        expect.that(not twice, expected="each resource once", seen=f"{len(twice)} twice", evidence=[page])
        for resource in page.resources(mode="match"):
            type_ = str(resource.get("resourceType"))
            expect.that(
                type_ in {pool.type, "OperationOutcome"},
                expected="search.mode include on what is not a match",
                seen=f"a {type_} as match",
                evidence=[page],
            )
        total = page.resource.get("total")
        count = sum(len(matches(one, pool.type)) for one in pages)
        expect.that(
            total is None or total == count,
            expected=f"total {count}, without what is included",
            seen=repr(total),
            evidence=[page],
        )


def _judge(expect: Expect, pages: list[Reply], name: str, *, lost: int, strange: int, wanted: int) -> None:
    expect.that(
        not lost and not strange,
        expected=f"the {wanted} resources linked by {name}",
        seen=f"{lost} missing, {strange} not linked",
        evidence=pages,
    )


def _included(pages: list[Reply]) -> set[Target]:
    return {key for page in pages for key in _keys(page, mode="include")}


def _keys(page: Reply, mode: str | None = None) -> list[Target]:
    found = []
    for entry in page.entries:
        resource = part(entry, "resource")
        if mode in (None, part(entry, "search").get("mode", "match")) and is_id(resource.get("id")):
            found.append((str(resource.get("resourceType")), str(resource["id"])))
    return found


def _declared(reply: Reply) -> set[tuple[str, str, str]]:
    """Return the type, the element and the value of each include that is declared."""
    found = set()
    for rest in objects(reply.resource.get("rest")):
        for resource in objects(rest.get("resource")):
            for element in ("searchInclude", "searchRevInclude"):
                values = resource.get(element)
                for value in values if isinstance(values, list) else []:
                    found.add((str(resource.get("type")), element, str(value)))
    return found
