"""Level 3, resource type: what comes along with a search is decided like what is searched.

Source: HL7 FHIR security page (Access Control Considerations); microsoft/fhir-server #5683.
"""

from lab.api import CRITICAL, SERVER, Expect, FhirClient, Reply, Text, Truth, probe
from lab.checks.security.likeness import answered
from lab.checks.security.links import LINKS, visible_ids
from lab.checks.security.restriction import closed_types, restriction

_FEW = 3
_ENOUGH = 3


@probe(
    "L3-09",
    level=3,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L3-09",),
    title=Text(fr="Inclusion d'un type hors des portées", en="Include of an unscoped type"),
    failure=Text(
        fr="_include ou _revinclude apporte des ressources d'un type que les portées n'ouvrent pas.",
        en="_include or _revinclude brings resources of a type that the scopes do not open.",
    ),
    remedy=Text(
        fr="Décider de chaque type inclus comme s'il était demandé seul, et laisser les autres hors du "
        "Bundle.",
        en="Decide on every included type as if it were asked for alone, and leave the others out of the "
        "Bundle.",
    ),
)
def include_of_unscoped_type(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Ask for each inclusion that the full identity shows to work, then for all at once."""
    limits = restriction(truth, expect)
    closed = frozenset(closed_types(fhir, limits, expect))
    searches = [
        *((link.source, "_include", f"{link.source}:{link.name}", link.target) for link in LINKS),
        *((link.target, "_revinclude", f"{link.source}:{link.name}", link.source) for link in LINKS),
    ]
    shown: list[str] = []
    asked: list[Reply] = []
    given: list[tuple[str, Reply]] = []
    ids: dict[str, tuple[str, ...]] = {}
    for type_, name, value, brought in searches:
        if not limits.opens(type_, "s") or brought not in closed or shown.count(name) == _ENOUGH:
            continue
        if type_ not in ids:
            ids[type_] = visible_ids(restricted, type_, _FEW)
        if ids[type_]:
            search = {"_id": ",".join(ids[type_]), name: value}
            asked.append(fhir.search(type_, search))
            if any(asked[-1].resources(brought)):
                shown.append(name)
                given.append((f"{name}={value}", restricted.search(type_, search)))
    if not shown:
        _not_shown(asked, expect)
    for type_ in (type_ for type_, found in ids.items() if found):
        for name in ("_include", "_revinclude"):
            search = {"_id": ",".join(ids[type_]), name: "*"}
            given.append((f"{name}=*", restricted.search(type_, search)))
    _expect_none(given, closed, expect)


def _expect_none(given: list[tuple[str, Reply]], closed: frozenset[str], expect: Expect) -> None:
    """Look at every answer before the end, so that the finding names every way in."""
    leaks: dict[str, Reply] = {}
    for asked, reply in given:
        answered(reply, expect)
        types = {str(resource.get("resourceType")) for resource in reply.resources()} & closed
        if types:
            leaks[f"{', '.join(sorted(types))} by {asked}"] = reply
    seen = "; ".join(leaks)
    expect.that(
        not leaks, expected="no resource of a closed type", seen=seen, evidence=list(leaks.values())[:8]
    )


def _not_shown(asked: list[Reply], expect: Expect) -> None:
    expect.name(*asked[-3:])
    if asked and all(reply.status != 0 for reply in asked):
        expect.omit(
            f"Le serveur n'inclut rien : {len(asked)} inclusions demandées avec l'identité complète n'ont "
            "apporté aucune ressource.",
            f"The server includes nothing: {len(asked)} inclusions asked with the full identity brought no "
            "resource.",
        )
    expect.skip(
        "Aucune référence n'est connue entre un type ouvert et un type fermé à l'identité restreinte.",
        "No reference is known between a type open and a type closed to the restricted identity.",
    )
