"""SRV-SRC-10: chained parameters and _has, where a server supports them.

Specs: https://hl7.org/fhir/R4/search.html#chaining, https://hl7.org/fhir/R4/search.html#has
"""

from typing import Any

from lab.api import MAY, Expect, FhirClient, Reply, Text, Truth, check
from lab.checks.element_values import tokens
from lab.checks.pool import MOST_PAGES, WHOLE, Pool, compare, is_unsupported, pools
from lab.checks.referring import referred
from lab.checks.sample import matches
from lab.checks.statement import statement

REFERRING = "Observation"
LINK, PATH = "patient", "subject"


@check(
    "SRV-SRC-10",
    expectation=MAY,
    requirements=("fhir-r4@search-chaining", "fhir-r4@search-has"),
    title=Text(fr="Paramètres chaînés et _has", en="Chaining and _has"),
    failure=Text(
        fr="Un paramètre chaîné (patient.identifier) ou _has est accepté mais ne rend pas le bon ensemble.",
        en="A chained parameter (patient.identifier) or _has is accepted but does not give the right set.",
    ),
    remedy=Text(
        fr="Rendre les ressources dont la ressource désignée répond au critère, ou refuser la recherche ; un "
        "paramètre ignoré ne doit pas figurer dans le lien self.",
        en="Return the resources whose referred resource meets the criterion, or refuse the search; a "
        "parameter that is ignored must not stand in the self link.",
    ),
)
def chained_search(fhir: FhirClient, truth: Truth, expect: Expect) -> None:
    """Find results by an identifier of their patient, and patients by a code of their results."""
    said = statement(fhir)
    if REFERRING not in said.types or said.types[REFERRING].parameters.get(LINK) != "reference":
        expect.name(said.reply)
        expect.omit(
            f"Le CapabilityStatement ne déclare pas la recherche de {REFERRING} par {LINK}.",
            f"The CapabilityStatement declares no search of {REFERRING} by {LINK}.",
        )
    known = {pool.type: pool for pool in pools(fhir, truth, expect, "Patient", REFERRING)}
    if len(known) < 2:
        expect.skip(
            "Il faut des Patient et des Observation que cette identité puisse lire.",
            "Patients and Observations that this identity can read are needed.",
        )
    shown = [
        _forward(fhir, expect, known["Patient"], known[REFERRING]),
        _backward(fhir, expect, known["Patient"], known[REFERRING]),
    ]
    if None in shown and True not in shown:
        expect.skip(
            "Aucune Observation lue ne désigne un Patient lu qui a un identifiant.",
            "No Observation read refers to a Patient read that has an identifier.",
        )
    if True not in shown:
        expect.omit(
            "Le serveur refuse ou ignore les paramètres chaînés et _has.",
            "The server refuses or ignores chained parameters and _has.",
        )


def _forward(fhir: FhirClient, expect: Expect, patients: Pool, results: Pool) -> bool | None:
    """Search results by an identifier of a patient; None: nothing to ask, False: not supported."""
    about = {id_ for r in results.resources for type_, id_ in referred(fhir, r, PATH) if type_ == "Patient"}
    bearers = {str(p["id"]): [t for t in tokens(p, "identifier") if t[0]] for p in patients.resources}
    chosen = next((id_ for id_, held in bearers.items() if held and id_ in about), None)
    if chosen is None or not patients.declares("identifier", "token"):
        return None
    system, value = token = bearers[chosen][0]

    def wanted(resource: dict[str, Any]) -> bool | None:
        whose = [id_ for _, id_ in referred(fhir, resource, PATH)]
        told = [token in bearers[id_] if id_ in bearers else None for id_ in whose]
        return True if True in told else (None if None in told else False)

    return _shown(
        fhir, expect, results, f"{LINK}.identifier", f"{system}|{value}".replace(",", r"\,"), wanted
    )


def _backward(fhir: FhirClient, expect: Expect, patients: Pool, results: Pool) -> bool | None:
    """Search patients by a code of their results, as found by a search of those results."""
    codes = [t for r in results.resources for t in tokens(r, "code") if t[0] and "," not in "".join(t)]
    if not codes or not results.declares("code", "token"):
        return None
    code = "|".join(codes[0])
    whose = ",".join(f"Patient/{id_}" for id_ in sorted(patients.ids))
    pages = list(fhir.pages(fhir.search(REFERRING, {LINK: whose, "code": code}, _count=WHOLE), MOST_PAGES))
    having = _subjects(fhir, pages)
    whole = pages[-1].type == "Bundle" and pages[-1].link("next") is None
    if not having:
        return None
    expect.name(*pages)

    def wanted(resource: dict[str, Any]) -> bool | None:
        return True if resource["id"] in having else (False if whole else None)

    return _shown(fhir, expect, patients, f"_has:{REFERRING}:{LINK}:code", code, wanted)


def _subjects(fhir: FhirClient, pages: list[Reply]) -> set[str]:
    return {id_ for page in pages for r in matches(page, REFERRING) for _, id_ in referred(fhir, r, PATH)}


def _shown(fhir: FhirClient, expect: Expect, pool: Pool, name: str, value: str, wanted: Any) -> bool:
    """Ask first for the support of a parameter, then compare its set."""
    first = fhir.search(pool.type, {**pool.scope, name: value}, _count=WHOLE)
    expect.name(first)
    if is_unsupported(first, name):
        return False
    compare(fhir, expect, pool, {name: value}, wanted, f"{name}={value}")
    return True
