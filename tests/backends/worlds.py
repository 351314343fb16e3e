"""A second hospital, another than the first in what the members of oncology do not touch, and only there."""

from collections.abc import Iterator
from typing import Any

from proxied_hospital import Answer, Json, hospital, observation, ref

VIEWS_OF_BOTH = ("group", "both", "not-cardiology", "patients-only", "laboratory")
"""Those that show the same of the two."""

_GONE = ("p9", "p10", "p11")
_CHANGED = ("p5", "p6", "p7", "p8")


def other_hospital() -> Iterator[Json]:
    """Yield it: others are gone, new or changed."""
    for resource in hospital():
        text = str(resource)
        gone = any(f"{name}'" in text or f"{name}-" in text for name in _GONE)
        if gone and resource["resourceType"] != "Group":
            continue
        if resource["resourceType"] == "Patient" and resource["id"] in _CHANGED:
            yield {**resource, "name": [{"family": "Martin"}], "gender": "male", "birthDate": "1953-04-15"}
        elif resource["resourceType"] == "Observation" and resource["id"].startswith(("o-p5", "o-p6")):
            yield {**resource, "code": {"coding": [{"system": "http://loinc.org", "code": "718-7"}]}}
        else:
            yield resource
    yield {"resourceType": "Patient", "id": "p99", "name": [{"family": "Baker"}], "gender": "female"}
    for n in range(7):
        yield observation(f"new-{n}", "p99")
        yield observation(f"new-tie-{n}", "p0", performer=[ref("Patient", "p99")])


def timeless(answer: Answer) -> tuple[int, dict[str, str], Any]:
    """Return an answer without the times at which each hospital was filled."""
    headers = {name: value for name, value in answer.headers.items() if name != "last-modified"}
    return answer.status, headers, _timeless(answer.json) if answer.response.body else None


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _timeless(v) for name, v in value.items() if name not in {"lastUpdated", "lastModified"}
        }
    return [_timeless(v) for v in value] if isinstance(value, list) else value
