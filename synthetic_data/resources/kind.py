"""A kind of resource: a FHIR type, or a family of one, and where its rows come from.

To add one: write a template, and a module here that defines `KIND`. Nothing else has to know.
"""

import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from synthetic_data.facts.block import Block
from synthetic_data.plan import HospitalPlan
from synthetic_data.templating.columns import Rows

Cohorts = Mapping[str, Sequence[int]]
"""Patient indexes by cohort, in order."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One file of the hospital.

    `order`: resources are loaded by growing order, so that each comes after those it refers to. Exactly one
    of the three sources is given: of each block of patients, of the hospital as a whole, or of its cohorts,
    known once all blocks are drawn.
    """

    type: str
    order: int
    family: str = ""
    of_block: Callable[[Block], Iterable[Rows]] | None = None
    of_hospital: Callable[[HospitalPlan], Iterable[Rows]] | None = None
    of_cohorts: Callable[[HospitalPlan, Cohorts], Iterable[Rows]] | None = None

    @property
    def name(self) -> str:
        """Give the name of its file, without extension: `Observation.laboratory`."""
        return f"{self.type}.{self.family}" if self.family else self.type


@cache
def kinds() -> tuple[Kind, ...]:
    """Give all the kinds, in load order."""
    package = import_module("synthetic_data.resources")
    modules = [
        import_module(f"{package.__name__}.{found.name}") for found in pkgutil.iter_modules(package.__path__)
    ]
    found = [module.KIND for module in modules if hasattr(module, "KIND")]
    return tuple(sorted(found, key=lambda kind: (kind.order, kind.name)))
