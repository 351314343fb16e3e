"""SRV-SRC-15 and 16: parts of resources, asked by _summary and _elements.

Specs: https://hl7.org/fhir/R4/search.html#summary, https://hl7.org/fhir/R4/search.html#elements
"""

from typing import Any

from lab.api import SHOULD, Expect, FhirClient, Reply, Text, Truth, check, status_of
from lab.checks.pool import OK, WHOLE, Pool, is_unsupported, pools
from lab.checks.sample import matches
from lab.checks.statement import objects, part
from lab.checks.wording import quoted

TYPES = ("Observation", "Encounter", "Patient")
MANDATORY = {"Observation": ("status", "code"), "Encounter": ("status", "class"), "Patient": ()}
ASKED = {"Observation": "subject", "Encounter": "period", "Patient": "gender"}
ALWAYS = frozenset({"resourceType", "id", "meta", "implicitRules", "modifierExtension"})
MODIFIERS = frozenset({"active", "deceasedBoolean", "deceasedDateTime", "link", "status"})


@check(
    "SRV-SRC-15",
    expectation=SHOULD,
    requirements=("fhir-r4@search-summary",),
    title=Text(fr="Résumés (_summary)", en="_summary"),
    failure=Text(
        fr="_summary rend une ressource incomplète sans ses éléments obligatoires ou sans le marquage "
        "SUBSETTED, ou n'est pas compris.",
        en="_summary gives an incomplete resource without its mandatory elements or without the tag "
        "SUBSETTED, or is not understood.",
    ),
    remedy=Text(
        fr="Garder les éléments obligatoires et marquer meta.tag SUBSETTED ; text : récit, id, meta et "
        "éléments obligatoires ; data : tout sauf le récit ; count : le total seul.",
        en="Keep mandatory elements and tag meta.tag SUBSETTED; text: narrative, id, meta and mandatory "
        "elements; data: all but the narrative; count: the total alone.",
    ),
)
def summaries(fhir: FhirClient, truth: Truth, expect: Expect) -> None:
    """Ask known resources for each kind of summary and compare what is left of them."""
    shown = False
    for pool in pools(fhir, truth, expect, *TYPES):
        for kind in ("true", "text", "data", "false"):
            reply = _parts(fhir, expect, pool, "_summary", kind)
            if reply is None:
                continue
            shown = True
            for whole, cut in _pairs(pool, reply):
                _kept(expect, reply, whole, cut, f"_summary={kind}")
                _only(expect, reply, pool, kind, cut)
                if kind == "false":
                    _say(expect, reply, "the whole resource", "less", holds=whole.keys() == cut.keys())
        counted = fhir.search(pool.type, {**pool.scope, "_summary": "count"})
        shown = _counted(expect, counted, pool) or shown
    _omit_unless(expect, "_summary", shown=shown)


@check(
    "SRV-SRC-16",
    expectation=SHOULD,
    requirements=("fhir-r4@search-elements",),
    title=Text(fr="Éléments choisis (_elements)", en="_elements"),
    failure=Text(
        fr="_elements rend une ressource sans l'élément demandé, sans ses éléments obligatoires ou sans le "
        "marquage SUBSETTED.",
        en="_elements gives a resource without the element asked for, without its mandatory elements or "
        "without the tag SUBSETTED.",
    ),
    remedy=Text(
        fr="Rendre les éléments demandés et les éléments obligatoires, et marquer meta.tag SUBSETTED.",
        en="Return the elements asked for and the mandatory ones, and tag meta.tag SUBSETTED.",
    ),
)
def chosen_elements(fhir: FhirClient, truth: Truth, expect: Expect) -> None:
    """Ask known resources for one element and compare what is left of them."""
    shown = False
    for pool in pools(fhir, truth, expect, *TYPES):
        asked = ASKED[pool.type]
        reply = _parts(fhir, expect, pool, "_elements", asked)
        if reply is None:
            continue
        shown = True
        for whole, cut in _pairs(pool, reply):
            _kept(expect, reply, whole, cut, f"_elements={asked}")
            _say(
                expect,
                reply,
                f"the {asked} asked for",
                "another value, or none",
                holds=cut.get(asked) == whole.get(asked),
            )
            extra = sorted(cut.keys() - ALWAYS - MODIFIERS - {asked, *MANDATORY[pool.type]})
            expect.should(
                not extra,
                expected="no other element than those asked for and mandatory",
                seen=quoted(extra),
                evidence=[reply],
            )
    _omit_unless(expect, "_elements", shown=shown)


def _only(expect: Expect, reply: Reply, pool: Pool, kind: str, cut: dict[str, Any]) -> None:
    """Remark on what a summary should leave out: servers are not obliged to return just a summary."""
    if kind == "data":
        narrative = "text" in cut
        expect.should(not narrative, expected="no narrative", seen="a narrative", evidence=[reply])
    if kind == "text":
        extra = sorted(cut.keys() - ALWAYS - MODIFIERS - {"text", *MANDATORY[pool.type]})
        expect.should(not extra, expected="the narrative only", seen=quoted(extra), evidence=[reply])


def _parts(fhir: FhirClient, expect: Expect, pool: Pool, name: str, value: str) -> Reply | None:
    """Return the answer for parts of the known resources, None when the server refuses or ignores it."""
    reply = fhir.search(pool.type, {**pool.scope, name: value}, _count=WHOLE)
    expect.name(reply)
    if is_unsupported(reply, name):
        expect.should(False, expected=f"{name}={value} supported", seen=status_of(reply), evidence=[reply])
        return None
    expect.status(reply, OK)
    found = len(matches(reply, pool.type))
    _say(expect, reply, "the known resources", f"{found} matches", holds=found > 0)
    return reply


def _pairs(pool: Pool, reply: Reply) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return each known resource with what came back of it."""
    wholes = {resource["id"]: resource for resource in pool.resources}
    return [(wholes[cut["id"]], cut) for cut in matches(reply, pool.type) if cut["id"] in wholes]


def _kept(expect: Expect, reply: Reply, whole: dict[str, Any], cut: dict[str, Any], words: str) -> None:
    """Look at the mandatory elements of a resource, and at its tag when anything else is missing."""
    type_ = str(whole["resourceType"])
    lost = [name for name in MANDATORY[type_] if name in whole and name not in cut]
    _say(expect, reply, f"mandatory elements kept by {words}", f"no {', '.join(lost)}", holds=not lost)
    if whole.keys() - cut.keys():
        tags = [tag.get("code") for tag in objects(part(cut, "meta").get("tag"))]
        _say(
            expect,
            reply,
            f"the tag SUBSETTED by {words}",
            "an incomplete one without it",
            holds="SUBSETTED" in tags,
        )


def _counted(expect: Expect, reply: Reply, pool: Pool) -> bool:
    if is_unsupported(reply, "_summary"):
        return False
    expect.status(reply, OK)
    total, found = reply.resource.get("total"), len(matches(reply, pool.type))
    _say(expect, reply, "no match for _summary=count", f"{found} matches", holds=found == 0)
    _say(
        expect, reply, f"total {len(pool.ids)} for _summary=count", repr(total), holds=total == len(pool.ids)
    )
    return True


def _say(expect: Expect, reply: Reply, expected: str, seen: str, *, holds: bool) -> None:
    expect.that(holds, expected=expected, seen=seen, evidence=[reply])


def _omit_unless(expect: Expect, name: str, *, shown: bool) -> None:
    if not shown:
        expect.omit(
            f"Le serveur refuse ou ignore {name}.",
            f"The server refuses or ignores {name}.",
        )
