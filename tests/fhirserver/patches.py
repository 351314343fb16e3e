"""Patches in both formats, as bodies of requests and as resources of a Bundle."""

import base64
from typing import Any

import orjson
from server_hospital import Answer, Hospital

JSON_PATCH = "application/json-patch+json"
FEMALE_TO_OTHER = [
    {"op": "test", "path": "/gender", "value": "female"},
    {"op": "replace", "path": "/gender", "value": "other"},
]


def patch(hospital: Hospital, url: str, operations: Any, **headers: str) -> Answer:
    return hospital.ask("PATCH", url, operations, content_type=JSON_PATCH, **headers)


def parameters(*operations: dict[str, Any]) -> dict[str, Any]:
    """A FHIRPath Patch of operations whose parts are given by name."""
    kinds = {"type": "valueCode", "index": "valueInteger", "source": "valueInteger"}
    kinds["destination"] = "valueInteger"
    listed = [
        {
            "name": "operation",
            "part": [
                {"name": name, **value}
                if name == "value"
                else {"name": name, kinds.get(name, "valueString"): value}
                for name, value in operation.items()
            ],
        }
        for operation in operations
    ]
    return {"resourceType": "Parameters", "parameter": listed}


GENDER = parameters({"type": "replace", "path": "Patient.gender", "value": {"valueCode": "other"}})


def binary(operations: Any, content_type: str = JSON_PATCH) -> dict[str, Any]:
    data = base64.b64encode(orjson.dumps(operations)).decode()
    return {"resourceType": "Binary", "contentType": content_type, "data": data}
