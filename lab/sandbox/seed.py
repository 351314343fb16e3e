"""Fill a backend with the synthetic hospital and keep the answer key: who belongs to which cohort."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from lab.fhirserver.backend import EmbeddedBackend
from lab.sandbox.plan import SandboxPlan
from synthetic_data import HospitalPlan, generate
from synthetic_data.folder.read import resources


def seed(
    backend: EmbeddedBackend, plan: SandboxPlan, *, progress: Callable[[int], None] | None = None
) -> tuple[int, dict[str, tuple[str, ...]]]:
    """Load the hospital; return the number of resources and the patients of each Group.

    Raises:
        FolderError: the folder of the plan is not complete, or damaged.
    """
    groups: dict[str, tuple[str, ...]] = {}

    def observed() -> Iterator[dict[str, Any]]:
        for count, resource in enumerate(_hospital(plan), start=1):
            if resource["resourceType"] == "Group":
                members = (member["entity"]["reference"] for member in resource.get("member", []))
                groups[resource["id"]] = tuple(reference.partition("/")[2] for reference in members)
            if progress and count % 2000 == 0:
                progress(count)
            yield resource

    return backend.load(observed()), groups


def _hospital(plan: SandboxPlan) -> Iterable[dict[str, Any]]:
    if plan.data:
        return resources(Path(plan.data), frozenset(plan.types) or None)
    return generate(HospitalPlan(seed=plan.seed, patients=plan.patients))
