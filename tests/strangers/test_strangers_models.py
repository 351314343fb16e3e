"""fhir.resources reads what the server serves: as R4B (4.3.0), for it has no R4 (4.0.1)."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fhir.resources.R4B import get_fhir_model_class
from stranger_case import Resource, unstamped

PAGE = 1000


def pages(base_url: str, type_: str) -> Iterator[dict[str, Any]]:
    """Give every page of a type."""
    url = f"{base_url}/{type_}?_count={PAGE}"
    while url:
        page = httpx.get(url, trust_env=False, timeout=30).json()
        yield page
        url = next((link["url"] for link in page["link"] if link["relation"] == "next"), "")


def test_every_resource_loaded_is_read_and_is_what_was_loaded(
    base_url: str, hospital: list[Resource]
) -> None:
    loaded = {(r["resourceType"], r["id"]): r for r in hospital}
    read: Counter[str] = Counter()
    for type_ in sorted({r["resourceType"] for r in hospital}):
        for page in pages(base_url, type_):
            for entry in page["entry"]:
                served = entry["resource"]
                parsed = get_fhir_model_class(type_).model_validate(served)
                assert (parsed.get_resource_type(), parsed.id) == (type_, served["id"])
                assert unstamped(served) == loaded[type_, served["id"]]
                read[type_] += 1
    assert read == Counter(r["resourceType"] for r in hospital)


@pytest.mark.parametrize(
    ("path", "type_"),
    [
        ("metadata", "CapabilityStatement"),
        ("Patient?_count=5&_revinclude=Encounter:subject", "Bundle"),
        ("Patient/_history?_count=5", "Bundle"),
        ("Patient/nobody", "OperationOutcome"),
    ],
)
def test_what_the_server_writes_itself_is_read(base_url: str, path: str, type_: str) -> None:
    body = httpx.get(f"{base_url}/{path}", trust_env=False, timeout=30).json()
    assert get_fhir_model_class(type_).model_validate(body).get_resource_type() == type_
