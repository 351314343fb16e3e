"""Level 4, specific resource: what comes along with a search is confined like what is searched.

Source: microsoft/fhir-server #5683 (leak by ``_include`` and ``_revinclude``, wildcard and iterated).
"""

from lab.api import (
    CRITICAL,
    HIGH,
    SERVER,
    Canary,
    Cohort,
    Expect,
    FhirClient,
    Reply,
    Text,
    Truth,
    probe,
)
from lab.checks.security.border import (
    Border,
    border,
    is_outside,
    planted,
    resource_outside,
    without_crossing,
)
from lab.checks.security.likeness import answered
from lab.checks.security.unserved import unserved

_MOST_ENTRIES = 2_000
Search = dict[str, object]


@probe(
    "L4-10",
    level=4,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L4-10",),
    title=Text(fr="_include vers l'extérieur de la cohorte", en="_include towards outside"),
    failure=Text(
        fr="_include apporte un patient hors cohorte, auquel une ressource visible renvoie.",
        en="_include brings a patient outside the cohort, whom a visible resource refers to.",
    ),
    remedy=Text(
        fr="Décider de chaque ressource incluse comme si elle était lue seule.",
        en="Decide on every included resource as if it were read alone.",
    ),
)
def include_outside(
    fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """Include along each planted reference that leads out of the cohort."""
    canary = planted(truth, expect)
    searches: list[tuple[str, Search]] = [
        *_of_shape(canary, "focus", "_include", "Observation:focus"),
        *_of_shape(canary, "performer", "_include", "Observation:performer"),
        *_of_shape(canary, "list-mixed", "_include", "List:item"),
        *_of_shape(canary, "list-mixed", "_include", "List:subject"),
        ("Patient", {"_id": ",".join(canary.inside()), "_include": "Patient:link"}),
    ]
    _compare(fhir, restricted, searches, border(cohort, truth), expect)


@probe(
    "L4-11",
    level=4,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L4-11",),
    title=Text(fr="_revinclude depuis l'extérieur de la cohorte", en="_revinclude"),
    failure=Text(
        fr="_revinclude apporte une ressource hors cohorte qui renvoie à un patient visible.",
        en="_revinclude brings a resource outside the cohort that refers to a visible patient.",
    ),
    remedy=Text(
        fr="Décider de chaque ressource incluse à rebours comme si elle était lue seule.",
        en="Decide on every reverse-included resource as if it were read alone.",
    ),
)
def revinclude_outside(
    fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """Include what refers to a visible patient: a result of somebody outside is planted among it."""
    canary = planted(truth, expect)
    ids = ",".join(canary.inside())
    searches: list[tuple[str, Search]] = [
        ("Patient", {"_id": ids, "_revinclude": value})
        for value in (
            "Observation:focus",
            "Observation:performer",
            "Patient:link",
            "List:item",
            "Group:member",
        )
    ]
    _compare(fhir, restricted, searches, border(cohort, truth), expect)


@probe(
    "L4-12",
    level=4,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L4-12",),
    title=Text(fr="Inclusions itérées et génériques", en="Iterated and wildcard includes"),
    failure=Text(
        fr="Une inclusion itérée ou générique sort de la cohorte, ou n'a pas de borne.",
        en="An iterated or wildcard include leaves the cohort, or has no bound.",
    ),
    remedy=Text(
        fr="Refuser _include=* et :iterate, ou décider de chaque ressource atteinte, à chaque pas, et borner "
        "la réponse.",
        en="Refuse _include=* and :iterate, or decide on every resource reached, at each step, and bound the "
        "answer.",
    ),
)
def wildcard_includes(
    fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """Include everything, and step by step, from a result that refers to the outside and from patients."""
    canary = planted(truth, expect)
    ids = ",".join(canary.inside())
    searches: list[tuple[str, Search]] = [
        *(
            search
            for name, value in (
                ("_include", "*"),
                ("_include:iterate", "*"),
                ("_include:iterate", "Observation:focus"),
            )
            for search in _of_shape(canary, "focus", name, value)
        ),
        ("Patient", {"_id": ids, "_revinclude": "*"}),
        ("Patient", {"_id": ids, "_revinclude:iterate": "*"}),
        ("Patient", {"_id": ids, "_include:iterate": "Patient:link"}),
        (
            "Patient",
            {"_id": ids, "_revinclude": "Observation:subject", "_include:iterate": "Observation:focus"},
        ),
    ]
    for reply in _compare(fhir, restricted, searches, border(cohort, truth), expect):
        size = len(reply.entries)
        expect.that(
            size <= _MOST_ENTRIES and not reply.error,
            expected=f"at most {_MOST_ENTRIES} entries",
            seen=reply.error or size,
            evidence=[reply],
        )


def _of_shape(canary: Canary, name: str, parameter: str, value: str) -> list[tuple[str, Search]]:
    """Return the search of one planted resource with an inclusion; nothing when it was not taken."""
    type_, _, id_ = canary.shapes.get(name, "").partition("/")
    return [(type_, {"_id": id_, parameter: value})] if id_ else []


def _compare(
    fhir: FhirClient,
    restricted: FhirClient,
    searches: list[tuple[str, Search]],
    sides: Border,
    expect: Expect,
) -> list[Reply]:
    """Ask what the full identity showed to lead out of the cohort; return the answers when none does."""
    controls = [(type_, search, fhir.search(type_, search)) for type_, search in searches]
    leading = [
        (type_, search)
        for type_, search, reply in controls
        if any(is_outside(one, sides) for one in reply.resources())
    ]
    if not leading:
        what = Text(fr="une inclusion qui sorte de la cohorte", en="an inclusion that leaves the cohort")
        unserved(what, [reply for _, _, reply in controls], expect)
    asked = [(_words(search), restricted.search(type_, search)) for type_, search in leading]
    for _, reply in asked:
        answered(reply, expect)
    without_crossing(asked, sides, expect, resource_outside)
    return [reply for _, reply in asked]


def _words(search: Search) -> str:
    return "&".join(f"{name}={value}" for name, value in search.items() if name != "_id")
