"""Fill a backend with the synthetic hospital and keep the answer key: who belongs to which cohort."""

from collections.abc import Callable, Iterator
from typing import Any

from lab.fhirserver.backend import EmbeddedBackend
from synthetic_data import HospitalPlan, generate


def seed(
    backend: EmbeddedBackend, *, seed: int, patients: int, progress: Callable[[int], None] | None = None
) -> tuple[int, dict[str, tuple[str, ...]]]:
    """Load the hospital; return the number of resources and the patients of each Group."""
    groups: dict[str, tuple[str, ...]] = {}

    def observed() -> Iterator[dict[str, Any]]:
        for count, resource in enumerate(generate(HospitalPlan(seed=seed, patients=patients)), start=1):
            if resource["resourceType"] == "Group":
                members = (member["entity"]["reference"] for member in resource.get("member", []))
                groups[resource["id"]] = tuple(reference.partition("/")[2] for reference in members)
            if progress and count % 2000 == 0:
                progress(count)
            yield resource

    return backend.load(observed()), groups
