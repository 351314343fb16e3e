"""What a hospital's platform asks of the servers that it reads, by resource type."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.model.text import Text


@dataclass(frozen=True)
class AskedType:
    """Of a type that a server exposes: interactions and search parameters by name, canonicals of profiles."""

    interactions: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Platform:
    """The types are those that the platform reads; a server need not expose them all."""

    name: str
    title: Text
    resources: Mapping[str, AskedType] = field(default_factory=dict)
