"""What one token may see: the part of the hospital on which its requests are evaluated.

A backend answers *on the view*: a resource outside it does not exist, in every sub-query. The gateway
makes the view from the Permission of the client; levels 4 and 5 are defined by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from lab.fhir.cohort import WHOLE, Cohort
from lab.fhir.element_path import ElementPath


@dataclass(frozen=True)
class View:
    """``cohorts`` maps each visible resource type to what of it is visible.

    A type that is absent is not visible at all, in includes neither. ``binding`` ties page links to the
    client and to the version of its policy. ``masks`` are hidden from the client: neither when they
    last changed nor an order may tell of them. ``labels`` are the label pools that its policy names: a
    write leaves them as they are.
    """

    cohorts: Mapping[str, Cohort] = field(default_factory=lambda: MappingProxyType({}))
    binding: str = ""
    unrestricted: bool = False
    masks: tuple[ElementPath, ...] = ()
    labels: frozenset[str] = frozenset()

    def sees(self, type_: str) -> bool:
        """Tell whether the type is visible at all."""
        return self.unrestricted or type_ in self.cohorts

    def cohort(self, type_: str) -> Cohort:
        """Return what is visible of a type that is."""
        return WHOLE if self.unrestricted else self.cohorts[type_]

    def masks_of(self, type_: str) -> tuple[ElementPath, ...]:
        """Return the masks on a type."""
        return self._masks_by_type.get(type_, ())

    @cached_property
    def confined(self) -> bool:
        """Tell whether only a part of some type that is visible is."""
        return any(not cohort.whole for cohort in self.cohorts.values())

    @cached_property
    def _masks_by_type(self) -> Mapping[str, tuple[ElementPath, ...]]:
        types = dict.fromkeys(mask.type for mask in self.masks)
        return {type_: tuple(mask for mask in self.masks if mask.type == type_) for type_ in types}


EVERYTHING = View(unrestricted=True, binding="hospital")
