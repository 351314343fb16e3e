"""Level 4, specific resource: earlier versions are no way around the cohort.

Spec: https://hl7.org/fhir/R4/http.html#history; source: LinuxForHealth/FHIR #2300, OWASP API1:2023.
"""

from lab.api import CRITICAL, SERVER, Cohort, Expect, FhirClient, Reply, Text, Truth, probe, status_of
from lab.checks.sample import is_id
from lab.checks.security.border import border, crossed
from lab.checks.security.compartment import about, clinical_types
from lab.checks.security.likeness import answered, difference, twin
from lab.checks.security.restriction import restriction
from lab.checks.security.unserved import unserved
from lab.checks.statement import part

_OTHER_TYPES = 2
_MOST_PAGES = 4
_PAGE = 100
_OK = 200
_VERSIONS = Text(fr="les versions", en="versions")


@probe(
    "L4-02",
    level=4,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L4-02",),
    title=Text(
        fr="Lecture d'une version et historique d'une instance", en="Versioned read and instance history"
    ),
    failure=Text(
        fr="Les versions d'une ressource hors cohorte ne répondent pas comme celles d'un inconnu.",
        en="The versions of a resource outside the cohort do not answer as those of an unknown id.",
    ),
    remedy=Text(
        fr="Évaluer vread et history sur la cohorte, comme la lecture, avec la même réponse d'absence.",
        en="Evaluate vread and history on the cohort as the plain read, with the same answer of absence.",
    ),
)
def versions_outside(
    fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """Ask for a version and for the history of outside resources, and of ids that never existed."""
    outside = [("Patient", cohort.outside[0])]
    for type_ in clinical_types(fhir, restriction(truth, expect))[:_OTHER_TYPES]:
        found = about(fhir, type_, cohort.outside)
        outside += [(type_, str(found["id"]))] if found else []
    controls: list[Reply] = []
    served: list[tuple[str, str, str]] = []
    for type_, id_ in outside:
        version = part(fhir.read(type_, id_).resource, "meta").get("versionId")
        for tail in (f"/_history/{version if is_id(version) else 1}", "/_history"):
            controls.append(fhir.get(f"{type_}/{id_}{tail}"))
            if controls[-1].status == _OK and controls[-1].resource:
                served.append((type_, id_, tail))
    if not served:
        unserved(_VERSIONS, controls, expect)
    chance = truth.random("L4-02")
    for type_, id_, tail in served:
        never = twin(id_, chance), twin(id_, chance)
        hidden, first, again = (restricted.get(f"{type_}/{one}{tail}") for one in (id_, *never))
        answered(hidden, expect)
        seen = difference(hidden, id_, (first, never[0]), (again, never[1]))
        expect.that(
            not seen and not any(hidden.resources(type_)) and hidden.type != type_,
            expected=f"the answer of an unknown {type_}",
            seen=seen or f"{status_of(hidden)} with a {type_}",
            evidence=[hidden, first],
        )


@probe(
    "L4-03",
    level=4,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L4-03",),
    title=Text(fr="Historique d'un type et du système", en="Type and system history"),
    failure=Text(
        fr="L'historique d'un type, ou de tout le serveur, montre des ressources hors cohorte.",
        en="The history of a type, or of the whole server, shows resources outside the cohort.",
    ),
    remedy=Text(
        fr="Évaluer l'historique sur la cohorte, ou le refuser par 403 aux identités confinées.",
        en="Evaluate history on the cohort, or refuse it by 403 to confined identities.",
    ),
)
def history_of_types(
    fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """Ask for the history of open types and of the system; only the inside may come, on every page."""
    sides = border(cohort, truth)
    types = clinical_types(fhir, restriction(truth, expect))[:_OTHER_TYPES]
    paths = [f"{type_}/_history" for type_ in ("Patient", *types)] + ["_history"]
    controls = {path: fhir.get(path, {"_count": _PAGE}) for path in paths}
    served = [path for path, reply in controls.items() if reply.status == _OK and reply.type == "Bundle"]
    if not served:
        unserved(_VERSIONS, controls.values(), expect)
    for path in served:
        first = restricted.get(path, {"_count": _PAGE})
        for page in restricted.pages(first, _MOST_PAGES):
            answered(page, expect)
            seen = crossed(page, sides)
            expect.that(not seen, expected="the inside only", seen=f"{seen} in {path}", evidence=[page])
