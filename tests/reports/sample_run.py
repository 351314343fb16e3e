"""Whole run documents of made-up applications: one that fails in every way, a sound one, a hostile one."""

import copy
from typing import Any

from sample_exchanges import exchange, sample_exchanges
from sample_findings import sample_findings
from sample_load import sample_load

HOSTILE = (
    "<script>document.title='owned'</script></style><style>*{display:none}</style>"
    "\"onload=alert(1) x='y' <img src=http://evil.example/x onerror=alert(1)>"
    "\x00\x07\x1b[31m\u202egnp.exe\u2069\u200b\ud800\uffff ]]> --> &amp; {{ 7*7 }} javascript:alert(1)"
)

_LEVELS = (
    ("Autorisation réseau", "Network Authorization", "enforced", None),
    ("Autorisation de l'application", "Application Authorization", "enforced", None),
    ("Autorisation par type de ressource", "Resource-Type Access Authorization", "enforced", None),
    ("Autorisation par ressource précise", "Specific Resource Access Authorization", "breached", "L4-03"),
    ("Autorisation par donnée", "Data Access Authorization", "not_demonstrated", None),
)
_UNTESTED = (
    (
        "fhir-r4@http-history-3",
        "SHALL",
        "A server SHALL keep the order of history entries.",
        "Histories are out of scope.",
    ),
    ("smart@backend-8", "SHOULD", "A client SHOULD cache the well-known document.", ""),
)


def full_run() -> dict[str, Any]:
    """Return a run with findings of all outcomes, load results and exchanges.

    It shows everything at once, so its verdict is not the one that the policy would give.
    """
    findings = sample_findings()
    return {
        "schema": "urn:fhir-integration-lab:run:1",
        "id": "2026-11-22T0930-dossier-soins",
        "started": "2026-11-22T09:30:00+00:00",
        "duration_s": 412.7,
        "tool": {"name": "fhir-integration-lab", "version": "0.1.0"},
        "subject": {
            "vendor": "Éditions Garonne Santé",
            "name": "Dossier de soins Garonne",
            "version": "4.2.0",
            "roles": ["server", "client"],
        },
        "seed": 31000,
        "patients": 12500,
        "suites": ["conformance", "security", "load"],
        "verdict": {
            "status": "does_not_conform",
            "security_level": 3,
            "reason": {
                "fr": "5 contrôles obligatoires ont échoué, dont L4-03 : données hors de la file active.",
                "en": "5 mandatory checks failed, among them L4-03: data outside the cohort.",
            },
            "levels": [_level(number, findings) for number in range(1, 6)],
            "priorities": [
                *[_priority(finding) for finding in findings if finding["outcome"] == "fail"][:4],
                _load_priority(),
            ],
        },
        "findings": findings,
        "load": sample_load(),
        "requirements": [_requirement(finding) for finding in findings if not finding["level"]]
        + [_untested(*row) for row in _UNTESTED],
        "exchanges": sample_exchanges(),
        "planned": 43,
        "reported": 42,
        "unreachable": False,
        "reproduce": {
            "command": "lab certify examples/garonne.toml --seed 31000 --patients 12500",
            "versions": {"python": "3.11.7", "locust": "2.47.0", "backend": "embedded 0.1.0"},
            "digests": {"manifest": "9f86d081" * 8, "population": "2c26b46b" * 8},
        },
        "notes": ["The application was started by the laboratory from its manifest.", "Backend: embedded."],
        "vendor_findings": [
            {
                "check": "OWN-01",
                "title": {"fr": "Le tableau suit les mutations", "en": "The board follows transfers"},
                "outcome": "warning",
                "message": {"fr": "Un séjour sans lieu.", "en": "A stay without a place."},
            }
        ],
    }


def sound_run() -> dict[str, Any]:
    """Return a run that conforms and has nothing but one passed check: no load, no level, no exchange."""
    run = full_run()
    passed = next(finding for finding in run["findings"] if finding["outcome"] == "pass")
    run |= {
        "findings": [passed],
        "load": [],
        "requirements": [],
        "exchanges": [],
        "suites": ["conformance"],
        "planned": 1,
        "reported": 1,
        "notes": [],
        "vendor_findings": [],
        "reproduce": {"command": "lab conformance app.toml", "versions": {}, "digests": {}},
    }
    run["verdict"] = {
        "status": "conforms",
        "security_level": None,
        "reason": {
            "fr": "Toutes les exigences obligatoires sont tenues.",
            "en": "All mandatory requirements hold.",
        },
        "levels": [],
        "priorities": [],
    }
    return run


def hostile_run() -> dict[str, Any]:
    """Return the full run with hostile text in every string that an application or a server can choose."""
    run = copy.deepcopy(full_run())
    text = {"fr": HOSTILE, "en": HOSTILE}
    run["subject"] |= {"vendor": HOSTILE, "name": HOSTILE, "version": HOSTILE}
    run["verdict"]["reason"] = text
    run["verdict"]["levels"][0]["name"] = text
    run["verdict"]["priorities"][0] |= {"title": text, "message": text, "remedy": text, "check": HOSTILE}
    run["findings"][0] |= {
        "check": HOSTILE,
        "title": text,
        "message": text,
        "evidence": [HOSTILE],
        "requirements": [HOSTILE],
    }
    run["findings"][1] |= {"check": HOSTILE, "outcome": "fail", "message": text, "remedy": text}
    run["requirements"][0] |= {
        "id": HOSTILE,
        "text": HOSTILE,
        "url": f"javascript:{HOSTILE}",
        "checks": [HOSTILE],
    }
    run["requirements"][-1] |= {"text": HOSTILE, "not_tested_reason": HOSTILE}
    run["load"][0]["title"] = text
    run["load"][0]["thresholds"][0]["expression"] = HOSTILE
    run["load"][0]["routes"][0]["name"] = HOSTILE
    run["load"][0]["answers"]["wrong"][0] |= {"where": HOSTILE, "rule": HOSTILE, "says": text}
    run["load"][1]["invalid_reason"] = text
    run["vendor_findings"][0] |= {"check": HOSTILE, "title": text, "message": text}
    run["notes"] = [HOSTILE, "x" * 300_000]
    run["reproduce"] = {"command": HOSTILE, "versions": {HOSTILE: HOSTILE}, "digests": {HOSTILE: HOSTILE}}
    run["exchanges"].append(
        exchange(
            HOSTILE,
            client=HOSTILE,
            method=HOSTILE,
            url=f"file:///etc/passwd?{HOSTILE}",
            request_headers=[["@/etc/passwd", "x"], ["X-Hostile", HOSTILE]],
            request_body=f"@/etc/passwd {HOSTILE}",
            response_headers=[[HOSTILE, HOSTILE]],
            response_body="[" * 50_000 + HOSTILE,
            error=HOSTILE,
            act=HOSTILE,
            check=HOSTILE,
            decision={"level": 0, "allow": False, "rule": HOSTILE, "reason": HOSTILE},
            facts={HOSTILE: [HOSTILE, {"deep": HOSTILE}]},
        )
    )
    return run


def _level(number: int, findings: list[dict[str, Any]]) -> dict[str, Any]:
    fr, en, status, worst = _LEVELS[number - 1]
    outcomes = [finding["outcome"] for finding in findings if finding["level"] == number]
    return {
        "level": number,
        "name": {"fr": fr, "en": en},
        "status": status,
        "passed": outcomes.count("pass") + outcomes.count("warning"),
        "failed": outcomes.count("fail"),
        "skipped": outcomes.count("skip"),
        "omitted": outcomes.count("omit"),
        "worst": worst,
    }


def _priority(finding: dict[str, Any]) -> dict[str, Any]:
    return {name: finding[name] for name in ("check", "title", "message", "remedy", "severity")}


def _load_priority() -> dict[str, Any]:
    return {
        "check": "morning-round",
        "title": {"fr": "Un seuil de charge n'est pas tenu", "en": "A load threshold is not met"},
        "message": {"fr": "p99 = 2 874 ms au lieu de 800 ms.", "en": "p99 = 2,874 ms instead of 800 ms."},
        "remedy": {
            "fr": "Chercher la pause de 4 s à la minute 1.",
            "en": "Look for the 4 s pause at minute 1.",
        },
        "severity": "medium",
    }


def _requirement(finding: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": finding["requirements"][0],
        "text": f"The server {finding['expectation']} hold this: {finding['title']['en'].lower()}.",
        "url": "http://hl7.org/fhir/R4/http.html",
        "expectation": finding["expectation"],
        "not_tested_reason": "",
        "checks": [finding["check"], *(["SRV-NEVER-RUN"] if finding["check"] == "SRV-VER-03" else [])],
        "outcome": finding["outcome"],
    }


def _untested(name: str, expectation: str, text: str, reason: str) -> dict[str, Any]:
    return {
        "id": name,
        "text": text,
        "url": "http://hl7.org/fhir/R4/http.html",
        "expectation": expectation,
        "not_tested_reason": reason,
        "checks": [],
        "outcome": "skip",
    }
