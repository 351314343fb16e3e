"""Ten exchanges of a made-up application, redacted as the journal redacts them."""

import json
from typing import Any

BASE = "http://127.0.0.1:8443/fhir"
_TOKEN = "Bearer h:0f3a9c51b7e2"  # noqa: S105 a digest, not a secret


def sample_exchanges() -> list[dict[str, Any]]:
    """Return the exchanges in time order: one without an answer, some with a decision of the gateway."""
    return [
        exchange(
            "x1",
            url=f"{BASE}/metadata",
            check="SRV-CAP-04",
            response_body='{"resourceType":"CapabilityStatement"}',
        ),
        exchange("x2", url=f"{BASE}/MedicationRequest?patient=p-17", status=501, check="SRV-CAP-04"),
        exchange(
            "x3",
            url=f"{BASE}/Observation?patient=p-17&date=ge2026-01-01&_count=50",
            check="SRV-SEA-02",
            decision={"level": 5, "allow": True, "rule": "permission-oncology", "reason": ""},
            response_body=json.dumps(_observations()),
        ),
        exchange("x4", url=f"{BASE}/Observation?_count=5", check="SRV-PAG-02"),
        exchange(
            "x5",
            url=f"{BASE}?_page=h%3A77aa01bc9d2e&_count=5",
            status=400,
            check="SRV-PAG-02",
            act="opaque-next-links",
        ),
        exchange(
            "x6",
            method="PUT",
            url=f"{BASE}/Patient/p-17",
            status=0,
            error="no answer within 10 s",
            check="SRV-VER-03",
        ),
        exchange(
            "x7",
            method="POST",
            url="http://127.0.0.1:8443/token",
            status=400,
            check="L2-07",
            request_headers=[["Content-Type", "application/x-www-form-urlencoded"]],
            request_body="grant_type=client_credentials&scope=system%2FPatient.rs&client_assertion=h:5be0c1a9d344",
            response_body='{"error":"invalid_client"}',
            decision={"level": 2, "allow": False, "rule": "assertion-jti", "reason": "jti already seen"},
            facts={
                "assertion": {
                    "alg": "RS384",
                    "jti": "6f1e",
                    "exp_in_s": 240,
                    "aud": ["http://127.0.0.1:8443/token"],
                }
            },
        ),
        exchange("x8", url=f"{BASE}/Patient?_id=p-17&_revinclude=Observation:subject", check="L4-03"),
        exchange("x9", url=f"{BASE}/Patient?_summary=count", check="L4-05", response_body='{"total":1204}'),
        exchange(
            "x10",
            url=f"{BASE}/Patient/p-17",
            status=403,
            check="L1-01",
            decision={
                "level": 1,
                "allow": False,
                "rule": "network",
                "reason": "127.0.0.2 is outside 10.31.0.0/16",
            },
        ),
    ]


def exchange(name: str, **changes: Any) -> dict[str, Any]:
    """Return one exchange: a GET that was answered 200, but for what ``changes`` says."""
    return {
        "id": name,
        "t": 12.5,
        "actor": "laboratory",
        "client": "lab-conformance",
        "method": "GET",
        "url": f"{BASE}/Patient",
        "request_headers": [
            ["Accept", "application/fhir+json"],
            ["Authorization", _TOKEN],
            ["Host", "127.0.0.1:8443"],
        ],
        "request_body": "",
        "status": 200,
        "response_headers": [["Content-Type", "application/fhir+json"], ["X-Request-Id", "7c1d"]],
        "response_body": "",
        "latency_ms": 18.42,
        "check": None,
        "act": None,
        "decision": None,
        "error": "",
        "facts": {},
        **changes,
    }


def _observations() -> dict[str, Any]:
    entries = [
        {
            "fullUrl": f"{BASE}/Observation/o-{n}",
            "resource": {
                "resourceType": "Observation",
                "id": f"o-{n}",
                "status": "final",
                "code": {
                    "coding": [{"system": "http://loinc.org", "code": "718-7", "display": "Hémoglobine"}]
                },
                "subject": {"reference": "Patient/p-17"},
                "valueQuantity": {"value": 13.1, "unit": "g/dL"},
            },
            "search": {"mode": "match"},
        }
        for n in range(38)
    ]
    return {"resourceType": "Bundle", "type": "searchset", "total": 38, "entry": entries}
