"""What is read of one Permission on its way to a policy: its permits, its denials, and what it stands on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lab.fhir.permission.activities import Pattern
from lab.fhir.permission.form import Form
from lab.fhir.policy import Network, Permit
from lab.model.release import Release

Resources = Mapping[str, Mapping[str, Any]]
"""Resources by reference: ``Location/x``, ``Permission/y``, and ``#z`` of what is contained."""


@dataclass(frozen=True)
class Reading:
    """``chain`` are the Permissions that led here by import; ``used`` collects what the library gave.

    ``release`` is that of the resources that the rules are about.
    """

    client_id: str
    form: Form
    resources: Resources
    library: Resources
    chain: tuple[str, ...]
    used: list[Mapping[str, Any]] = field(default_factory=list)
    release: Release = "R4"

    def into(self, reference: str, form: Form, contained: Resources) -> "Reading":
        """Return the reading of an imported Permission."""
        resources = {**self.library, **contained}
        return replace(self, form=form, resources=resources, chain=(*self.chain, reference))


@dataclass(frozen=True)
class Placed:
    """A permit, and the networks that it is open from."""

    permit: Permit
    networks: tuple[Network, ...]


@dataclass(frozen=True)
class Taking:
    """A deny rule: ``pools`` by type as in ``Denial``; ``patterns`` None is every activity.

    ``networks`` are those that it is limited to; without any, it holds everywhere.
    """

    pools: Mapping[str, frozenset[str]]
    patterns: tuple[Pattern, ...] | None
    networks: frozenset[tuple[Network, ...]] = frozenset()


@dataclass(frozen=True)
class Rules:
    """All rules of a Permission, those of its imports included."""

    permits: tuple[Placed, ...] = ()
    takings: tuple[Taking, ...] = ()


def contained_in(source: Mapping[str, Any]) -> Resources:
    """Return the contained resources of a Permission by reference."""
    contained = source.get("contained")
    found = contained if isinstance(contained, list) else []
    return {f"#{one['id']}": one for one in found if isinstance(one, dict) and isinstance(one.get("id"), str)}
