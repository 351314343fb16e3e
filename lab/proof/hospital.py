"""A random world: which identities there are, their contents, versions, deletions."""

from random import Random

from lab.proof.contents import IDS, resource
from lab.proof.world import OPENING, Json, Timeline, Version, World

_THERE = {"Patient": 0.8, "Group": 1.0, "List": 1.0}
POOLS = frozenset({"Group", "List"})
"""What makes cohorts is not written again: a twin could not follow."""


def hospital(chance: Random) -> World:
    """Draw a world; no two of its writes are in the same second, those of the bulk load apart."""
    while True:
        world = _drawn(chance)
        ats = [v.at for t in world.timelines for v in t.versions if v.at]
        if len(set(ats)) == len(ats):
            return world


def _drawn(chance: Random) -> World:
    timelines = [
        Timeline(type_, id_, history(chance, type_, resource(chance, type_, id_)))
        for type_, ids in IDS.items()
        for id_ in ids
        if chance.random() < _THERE.get(type_, 0.7)
    ]
    return World(tuple(timelines))


def history(chance: Random, type_: str, first: Json) -> tuple[Version, ...]:
    """Draw the versions of a resource from its first content."""
    at = 0 if chance.random() < 0.7 else chance.randint(1, 20_000)
    versions = [Version(at, first)]
    if type_ in POOLS:
        return tuple(versions)
    while chance.random() < 0.35:
        at += chance.randint(1, 20_000)
        if at >= OPENING:
            break
        versions.append(Version(at, resource(chance, type_, first["id"])))
        if chance.random() < 0.4:
            versions.append(Version(at + 1, None))
            break
    return tuple(versions)
