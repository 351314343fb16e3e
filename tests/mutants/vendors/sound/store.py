"""What the server holds: every version of every resource, in memory."""

import copy
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.mutants.vendors.sound.message import Json


@dataclass(frozen=True)
class Version:
    """``body`` is None when this version is a deletion."""

    number: int
    body: Json | None
    at: str


@dataclass
class Store:
    """``held`` maps type and id to the versions, oldest first."""

    held: dict[tuple[str, str], list[Version]] = field(default_factory=dict)

    def current(self, type_: str, id_: str) -> Json | None:
        """Return a resource as it is now."""
        versions = self.held.get((type_, id_))
        return versions[-1].body if versions else None

    def versions(self, type_: str, id_: str) -> list[Version]:
        """Return the versions of a resource."""
        return self.held.get((type_, id_), [])

    def all(self, type_: str) -> list[Json]:
        """Return what there is of a type, by id."""
        current = (versions[-1].body for (t, _), versions in sorted(self.held.items()) if t == type_)
        return [body for body in current if body is not None]

    def load(self, resources: list[Json]) -> None:
        """Store what there is at the beginning, all of it at one time."""
        at = _now()
        for body in resources:
            self.write(body["resourceType"], body["id"], body, at)

    def write(self, type_: str, id_: str, body: Json | None, at: str = "") -> Version:
        """Store a new version."""
        versions = self.held.setdefault((type_, id_), [])
        number, at = len(versions) + 1, at or _now()
        if body is not None:
            meta = {**body.get("meta", {}), "versionId": str(number), "lastUpdated": at}
            body = copy.deepcopy({**body, "id": id_, "meta": meta})
        versions.append(Version(number, body, at))
        return versions[-1]

    def new_id(self) -> str:
        """Return an id that nothing has."""
        return secrets.token_hex(8)

    def snapshot(self) -> dict[tuple[str, str], list[Version]]:
        """Return what a transaction goes back to."""
        return {key: list(versions) for key, versions in self.held.items()}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
