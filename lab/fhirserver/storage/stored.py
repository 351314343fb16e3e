"""One version of a resource, a write that made one, and who is told of writes before they are committed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of a resource; ``updated`` in milliseconds UTC; ``body`` is None once deleted."""

    k: int
    type: str
    id: str
    version: int
    updated: int
    method: str
    deleted: int
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Change:
    """What a write has made of a resource, under the address at which it was asked for."""

    before: Stored | None
    after: Stored
    base_url: str


class Watcher(Protocol):
    """What it writes is part of the transaction; what it raises undoes the transaction."""

    def removing(self, before: Stored) -> None:
        """Learn that a resource is about to be deleted."""

    def committing(self, changes: Sequence[Change]) -> None:
        """Learn what a transaction has created and updated, at its end."""

    def committed(self) -> None:
        """Learn that a transaction has ended well."""
