"""The policy of one application: its Permission, compiled into what levels 1, 3, 4 and 5 apply.

A permit opens types; a denial takes away from whatever is opened; what no permit opens stays closed.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from lab.fhir.cohort import LABEL, Cohort
from lab.fhir.element_path import ElementPath
from lab.fhir.interaction import Interaction

Network = IPv4Network | IPv6Network
Activity = tuple[Interaction, str]
"""An interaction for a purpose of use (code of v3-ActReason)."""


class PolicyError(ValueError):
    """A Permission that is not one, or that cannot be enforced exactly as written."""


@dataclass(frozen=True)
class Validity:
    """From ``start`` to ``end``, both days included; None is open."""

    start: date | None = None
    end: date | None = None

    def holds(self, today: date) -> bool:
        """Tell whether the day is within."""
        return (self.start is None or self.start <= today) and (self.end is None or today <= self.end)


ALWAYS = Validity()


@dataclass(frozen=True)
class Permit:
    """A rule that opens types, each to a cohort, for activities.

    ``validity`` is that of the Permission that an imported rule comes from.
    """

    cohorts: Mapping[str, Cohort]
    activities: frozenset[Activity]
    masks: tuple[ElementPath, ...] = ()
    validity: Validity = ALWAYS


@dataclass(frozen=True)
class Denial:
    """A rule that takes the pools away from a type; no pool takes the type, and type ``*`` every one.

    ``activities`` None is all of them.
    """

    pools: Mapping[str, frozenset[str]]
    activities: frozenset[Activity] | None = None


@dataclass(frozen=True)
class Policy:
    """All that the gateway knows of what one application may see; ``version`` is a digest of its sources."""

    id: str
    version: str
    active: bool
    networks: tuple[Network, ...]
    permits: tuple[Permit, ...]
    denials: tuple[Denial, ...] = ()
    validity: Validity = field(default=ALWAYS)

    def in_force(self, today: date) -> bool:
        """Tell whether the policy is active and valid on that day."""
        return self.active and self.validity.holds(today)

    def opened(self, activity: Activity, today: date) -> dict[str, Cohort]:
        """Return the types open to the activity on that day, each with its cohort."""
        opened: dict[str, Cohort] = {}
        for permit in self.permits:
            if activity in permit.activities and permit.validity.holds(today):
                for type_, cohort in permit.cohorts.items():
                    opened[type_] = opened[type_].or_else(cohort) if type_ in opened else cohort
        for denial in self.denials:
            if denial.activities is None or activity in denial.activities:
                _take_away(denial, opened)
        return opened

    @cached_property
    def memo(self) -> dict[Hashable, Any]:
        """Return what was already worked out from this policy, for who wants to work it out once."""
        return {}

    @cached_property
    def labels(self) -> frozenset[str]:
        """Return the label pools that the rules name: who could give or take them would choose its cohort."""
        permitted = (cohort.pools for permit in self.permits for cohort in permit.cohorts.values())
        denied = (pools for denial in self.denials for pools in denial.pools.values())
        return frozenset(p for pools in (*permitted, *denied) for p in pools if p.startswith(LABEL))

    @cached_property
    def masks(self) -> tuple[ElementPath, ...]:
        """Return the masks of every permit: where rules overlap, all their masks apply."""
        return tuple(dict.fromkeys(mask for permit in self.permits for mask in permit.masks))


def _take_away(denial: Denial, opened: dict[str, Cohort]) -> None:
    for type_, pools in denial.pools.items():
        for one in tuple(opened) if type_ == "*" else (type_,):
            if one not in opened:
                continue
            if pools:
                opened[one] = opened[one].but(pools)
            else:
                del opened[one]
