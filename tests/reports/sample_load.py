"""Load results of a made-up application: a sound one, an invalid one, one without any sample."""

import math
from typing import Any


def sample_load() -> list[dict[str, Any]]:
    """Return the three results; the first one stalls for four seconds at second 60."""
    return [_morning(), _night(), _silent()]


def _morning() -> dict[str, Any]:
    series = [_second(t) for t in range(120)]
    return {
        "profile": "morning-round",
        "title": {"fr": "Tournée du matin, 40 services", "en": "Morning round, 40 wards"},
        "valid": True,
        "invalid_reason": None,
        "duration_s": 120.0,
        "target_rate": 80.0,
        "achieved_rate": 79.91,
        "requests": sum(second["achieved"] for second in series),
        "dropped": 0,
        "errors": sum(second["errors"] for second in series),
        "refusals": sum(second["refusals"] for second in series),
        "leaks": 0,
        "thresholds": [
            {"expression": "read[Patient]: p95 < 150ms", "value": 62.4, "met": True, "samples": 4211},
            {
                "expression": "search[Observation]: p99 < 800ms",
                "value": 2874.25,
                "met": False,
                "samples": 3377,
            },
            {"expression": "all: error_rate < 0.1%", "value": 0.00042, "met": True, "samples": 9589},
            {"expression": "level4.leaks == 0", "value": 0, "met": True, "samples": 312},
        ],
        "routes": [
            _route("read Patient", 4211, 0, 11.2, 62.4, 410.0, 38.1),
            _route("search Observation", 3377, 4, 24.9, 341.7, 2874.25, 88.6),
            _route("search Encounter?date", 2001, 0, 19.4, 120.3, 811.5, 71.0),
        ],
        "series": series,
        "aborted": {"fr": "Seuil leaks == 0 franchi à 12 s.", "en": "Threshold leaks == 0 missed at 12 s."},
        "generator": {
            "engine": "lean",
            "workers": 2,
            "cpu": 0.41,
            "lag_p99": 1.2,
            "calibration_p50": 0.4,
            "calibration_p99": 2.5,
            "calibrations": 240,
        },
        "notes": [{"fr": "L'horloge a sauté de 2 s.", "en": "The clock jumped by 2 s."}],
        "usage": [
            {"t": t + 0.2, "name": name, "cpu": cpu + 0.2 * math.sin(t / 9), "memory": (180 + t) * 10**6}
            for t in range(120)
            for name, cpu in (("application", 0.7), ("hospital", 0.4))
        ],
        "answers": _answers(),
        "machine": "Xeon, x86_64, 2 cores, 24 GiB",
        "baseline": _baseline(),
    }


def _baseline() -> dict[str, Any]:
    return {
        "run": "2026-11-15T0930-dossier-soins",
        "started": "2026-11-15T09:30:00+00:00",
        "version": "4.1.3",
        "smallest": 0.05,
        "reason": None,
        "notes": [
            {"fr": "La référence vient d'une autre machine.", "en": "The baseline is of another machine."}
        ],
        "changes": [
            _change("read Patient", 0.87, 0.81, 0.93, 0.24, "faster"),
            _change("search Encounter?date", 1.01, 0.98, 1.04, 0.52, "no difference"),
            _change("search Observation", 1.31, 1.22, 1.42, 0.88, "slower"),
            _change("metadata", 1.12, None, None, 0.56, "cannot be said"),
            _change("refused-scope", None, None, None, None, "cannot be said"),
        ],
    }


def _change(name: str, ratio: Any, low: Any, high: Any, effect: Any, word: str) -> dict[str, Any]:
    seen = {"first": 120, "second": 118} if ratio else {"first": 3, "second": 3}
    return {"name": name, **seen, "ratio": ratio, "low": low, "high": high, "effect": effect, "word": word}


def _second(t: int) -> dict[str, Any]:
    target = 40 + 4 * t if t < 10 else 80.0
    stalled = 60 <= t < 64
    late = 64 <= t < 70
    p50 = 14 + 4 * math.sin(t / 7)
    p95 = 55 + 12 * math.sin(t / 5)
    return {
        "t": t,
        "target": target,
        "achieved": 2 if stalled else round(target * (1.5 if late else 1)) + (t % 3 - 1),
        "p50": None if stalled else round(p50 + (900 if late else 0), 1),
        "p95": None if stalled else round(p95 + (2800 - 420 * (t - 64) if late else 0), 1),
        "service_p95": None if stalled else round(34 + 6 * math.sin(t / 6), 1),
        "errors": 2 if 63 <= t < 65 else 0,
        "refusals": 3 if t % 4 == 0 and not stalled else 2,
        "heat": [] if stalled else [[5, 40], [6, 30], [8, 6], [17 if late else 9, 4]],
    }


def _night() -> dict[str, Any]:
    return {
        **_morning(),
        "answers": None,
        "profile": "night-batch",
        "title": {"fr": "Moisson de nuit d'un entrepôt", "en": "Nightly harvest of a warehouse"},
        "valid": False,
        "invalid_reason": {
            "fr": "Le générateur n'a fait partir que 71 % des requêtes prévues.",
            "en": "The generator sent only 71 % of the requests due.",
        },
        "duration_s": 4200.0,
        "target_rate": 200.0,
        "achieved_rate": 142.3,
        "dropped": 6931,
        "series": [{**_second(t % 120), "t": t} for t in range(0, 4200, 2)],
    }


def _silent() -> dict[str, Any]:
    return {
        "profile": "imaging-peak",
        "title": {"fr": "Pic d'imagerie", "en": "Imaging peak"},
        "valid": True,
        "invalid_reason": None,
        "duration_s": 30.0,
        "target_rate": 5.0,
        "achieved_rate": 5.0,
        "requests": 150,
        "dropped": 0,
        "errors": 0,
        "refusals": 0,
        "leaks": 0,
        "thresholds": [
            {"expression": "search[ImagingStudy]: p95 < 400ms", "value": None, "met": False, "samples": 0}
        ],
        "routes": [],
        "series": [],
    }


def _route(name: str, *figures: float) -> dict[str, Any]:
    columns = ("count", "errors", "p50", "p95", "p99", "service_p95")
    return {"name": name, **dict(zip(columns, figures, strict=True))}


def _answers() -> dict[str, Any]:
    return {
        "answers": 9589,
        "judged": 9580,
        "distinct": 4021,
        "deep": 200,
        "invalid": 3,
        "routes": [
            {"name": "read", "answers": 6212, "judged": 6203, "distinct": 2011, "deep": 100, "invalid": 0},
            {"name": "search", "answers": 3377, "judged": 3377, "distinct": 2010, "deep": 100, "invalid": 3},
        ],
        "unjudged": [
            {"reason": {"fr": "refus qui ne sont pas du FHIR", "en": "refusals not in FHIR"}, "answers": 9}
        ],
        "wrong": [
            {
                "route": "search",
                "where": "Observation.status",
                "rule": "required",
                "says": {
                    "fr": "l'élément obligatoire est absent",
                    "en": "the mandatory element is missing",
                },
                "answers": 3,
                "distinct": 2,
                "deep": False,
            }
        ],
        "more": 0,
    }
