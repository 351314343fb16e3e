"""Findings of a made-up application: every outcome, every expectation, every level."""

import csv
from pathlib import Path
from typing import Any

_MESSAGES = {
    "pass": ("L'application a répondu comme attendu.", "The application answered as expected."),
    "warning": (
        "Admis, mais la recommandation n'est pas suivie.",
        "Accepted, yet the recommendation is not followed.",
    ),
    "skip": ("Aucune donnée n'a permis de l'exercer.", "No data made it possible to exercise this."),
    "omit": ("Le manifeste ne déclare pas cette capacité.", "The manifest does not declare this capability."),
    "error": (
        "Le laboratoire n'a pas pu préparer la version périmée.",
        "The laboratory could not prepare the stale version.",
    ),
    "fail": (
        "Attendu : un refus. Obtenu : 200 avec des données.",
        "Expected: a refusal. Seen: 200 with data.",
    ),
}
_SAID = {
    "SRV-PAG-02": (
        "Le lien next a rendu 400 : l'application a réécrit le paramètre _page opaque.",
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
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as table:
        return [_finding(**row) for row in csv.DictReader(table)]


def _finding(
    *, check: str, level: str, outcome: str, expectation: str, severity: str, fr: str, en: str
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
