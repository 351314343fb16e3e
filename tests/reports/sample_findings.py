"""Findings of a made-up application: every outcome, every expectation, every level."""

from typing import Any

# check, level, outcome, expectation, severity, French title, English title
_CHECKS = """
SRV-CAP-01||pass|SHALL|medium|Le CapabilityStatement est servi et annonce R4|The capability statement is served and announces R4
SRV-CAP-02||pass|SHALL|medium|Le CapabilityStatement est une ressource R4 valide|The capability statement is a valid R4 resource
SRV-CAP-03||warning|SHOULD|low|Le CapabilityStatement se lit sans jeton|The capability statement is readable without a token
SRV-CAP-04||fail|SHALL|high|Les types et interactions déclarés fonctionnent|Declared types and interactions work
SRV-REA-01||pass|SHALL|high|La lecture d’une ressource rend la ressource demandée|Reading a resource gives the resource asked for
SRV-REA-02||pass|SHALL|medium|Un identifiant inconnu rend 404|An unknown id answers 404
SRV-REA-03||pass|SHOULD|low|Un OperationOutcome accompagne l’erreur|An OperationOutcome comes with the error
SRV-SEA-01||pass|SHALL|high|La recherche par INS rend exactement le patient|Searching by INS gives exactly the patient
SRV-SEA-02||fail|SHALL|high|La recherche par date ne perd aucun résultat visible|A search by date loses no visible result
SRV-SEA-03||pass|SHALL|medium|Un paramètre inconnu est refusé en mode strict|An unknown parameter is refused in strict handling
SRV-SEA-04||skip|SHALL|medium|Les recherches chaînées suivent la référence|Chained searches follow the reference
SRV-PAG-01||pass|SHALL|medium|La première page respecte _count|The first page honours _count
SRV-PAG-02||fail|SHALL|high|Le lien next fonctionne tel quel|The next link works exactly as given
SRV-PAG-03||warning|SHALL|medium|Le total annoncé reste vrai d’une page à l’autre|The announced total stays true from page to page
SRV-BUN-01||pass|SHALL|medium|Chaque entrée de Bundle porte une fullUrl|Every bundle entry has a fullUrl
SRV-VER-01||omit|MAY|low|Les versions passées se lisent|Past versions are readable
SRV-VER-02||pass|SHALL|medium|L’ETag porte la version|The ETag holds the version
SRV-VER-03||error|SHALL|medium|Une écriture sur une version périmée est refusée|A write on a stale version is refused
SRV-TRX-01||omit|MAY|low|Une transaction est tout ou rien|A transaction is all or nothing
SRV-BLK-01||skip|MAY|low|L’export de masse se suit jusqu’au bout|The bulk export can be followed to its end
L1-01|1|pass|SHALL|critical|Adresse source hors du réseau autorisé|Source address outside the allowed network
L1-02|1|pass|SHALL|critical|Usurpation de X-Forwarded-For|X-Forwarded-For spoofing
L1-05|1|pass|SHALL|high|X-Forwarded-For mal formé|Malformed X-Forwarded-For
L1-09|1|omit|SHALL|medium|Voisins IPv6|IPv6 neighbours
L2-01|2|pass|SHALL|critical|Appel sans jeton|Call without a token
L2-02|2|pass|SHALL|critical|Jeton signé par un autre émetteur|Token signed by another issuer
L2-07|2|pass|SHALL|critical|Assertion rejouée (même jti)|Replayed assertion (same jti)
L2-11|2|pass|SHALL|high|Jeton révoqué|Revoked token
L2-14|2|warning|SHOULD|low|L’en-tête WWW-Authenticate explique le refus|The WWW-Authenticate header explains the refusal
L3-01|3|pass|SHALL|critical|Lecture d’un type hors des portées|Reading a type outside the scopes
L3-04|3|pass|SHALL|critical|Écriture avec une portée de lecture|Writing with a read scope
L3-06|3|pass|SHALL|high|_include vers un type interdit|_include towards a forbidden type
L3-09|3|pass|SHOULD|medium|Les portées par catégorie sont respectées|Scopes by category are honoured
L4-01|4|pass|SHALL|critical|Lecture directe hors de la file active|Direct read outside the cohort
L4-03|4|fail|SHALL|critical|_revinclude d’un patient hors de la file active|_revinclude of a patient outside the cohort
L4-05|4|fail|SHALL|high|Le total compte des patients invisibles|The total counts invisible patients
L4-08|4|skip|SHALL|high|Le temps de réponse ne trahit pas l’existence|The response time does not betray existence
L4-12|4|pass|SHALL|medium|Bundle de type batch mêlant deux files actives|Batch bundle mixing two cohorts
L5-01|5|pass|SHALL|critical|L’adresse masquée n’apparaît nulle part|The masked address appears nowhere
L5-02|5|skip|SHALL|critical|Recherche par un attribut masqué|Search by a masked attribute
L5-06|5|pass|SHALL|high|L’élément masqué est signalé SUBSETTED|The masked element is signalled as SUBSETTED
L5-09|5|pass|SHOULD|medium|Le tri sur un attribut masqué est refusé|Sorting by a masked attribute is refused
"""

_MESSAGES = {
    "pass": ("L’application a répondu comme attendu.", "The application answered as expected."),
    "warning": ("Admis, mais la recommandation n’est pas suivie.", "Accepted, yet the recommendation is not followed."),
    "skip": ("Aucune donnée n’a permis de l’exercer.", "No data made it possible to exercise this."),
    "omit": ("Le manifeste ne déclare pas cette capacité.", "The manifest does not declare this capability."),
    "error": ("Le laboratoire n’a pas pu préparer la version périmée.", "The laboratory could not prepare the stale version."),
    "fail": ("Attendu : un refus. Obtenu : 200 avec des données.", "Expected: a refusal. Seen: 200 with data."),
}
_SAID = {
    "SRV-PAG-02": (
        "Le lien next a rendu 400 : l’application a réécrit le paramètre _page opaque.",
        "The next link answered 400: the application rewrote the opaque _page parameter.",
    ),
    "SRV-SEA-02": (
        "3 des 41 Observation visibles manquent pour date=ge2026-01-01 (rappel 0,93).",
        "3 of 41 visible Observation are missing for date=ge2026-01-01 (recall 0.93).",
    ),
    "SRV-CAP-04": (
        "MedicationRequest est déclaré avec search-type, mais la recherche rend 501.",
        "MedicationRequest is declared with search-type, yet the search answers 501.",
    ),
    "L4-03": (
        "Patient?_revinclude=Observation:subject a rendu 2 Observation du patient hors file active.",
        "Patient?_revinclude=Observation:subject gave 2 Observation of the patient outside the cohort.",
    ),
    "L4-05": (
        "Bundle.total vaut 1 204 ; 1 187 patients seulement sont dans la file active.",
        "Bundle.total is 1,204; only 1,187 patients are in the cohort.",
    ),
}
_EVIDENCE = {
    "SRV-CAP-04": ["x1", "x2"],
    "SRV-SEA-02": ["x3"],
    "SRV-PAG-02": ["x4", "x5"],
    "SRV-VER-03": ["x6"],
    "L2-07": ["x7"],
    "L4-03": ["x8"],
    "L4-05": ["x9", "x404"],
    "L1-01": ["x10"],
}


def sample_findings() -> list[dict[str, Any]]:
    """Return the findings, in the order in which the checks ran."""
    return [_finding(*line.split("|")) for line in _CHECKS.strip().splitlines()]


def _finding(  # noqa: PLR0913 one parameter per column
    check: str, level: str, outcome: str, expectation: str, severity: str, fr: str, en: str
) -> dict[str, Any]:
    said = _SAID.get(check, _MESSAGES[outcome])
    return {
        "check": check,
        "title": {"fr": fr, "en": en},
        "role": "server",
        "suite": "security" if level else "conformance",
        "outcome": outcome,
        "expectation": expectation,
        "level": int(level) if level else None,
        "severity": severity,
        "message": {"fr": said[0], "en": said[1]},
        "remedy": {
            "fr": "Appliquer la même règle à toute réponse, inclusions et totaux compris.",
            "en": "Apply the same rule to every answer, inclusions and totals included.",
        },
        "requirements": [f"fhir-r4@{check.lower()}"],
        "evidence": _EVIDENCE.get(check, []),
    }
