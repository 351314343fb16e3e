"""Another world that one client cannot tell from a first: equal in what it may see, different in all the rest.

What differs: resources outside the view (existence, contents, versions, times), and of the visible ones, under a
client with masks, what masks hide and how often it was written. The reference says what is visible.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from lab.proof.contents import IDS, resource
from lab.proof.hospital import POOLS, history
from lab.proof.reference.client import Client
from lab.proof.reference.cohort import Hospital
from lab.proof.repainting import variants
from lab.proof.world import OPENING, STEP, Json, Timeline, Version, World, moment

_TRIES = 4
_LATE = 400
"""Steps after the opening within which hidden writes still come."""


def twin(chance: Random, world: World, client: Client) -> World:
    """Return a world with the same view."""
    return _Twin(chance, world, client).world()


@dataclass
class _Times:
    """Seconds at which nothing else is written, so that no write moves the clock of another."""

    chance: Random
    taken: set[int]

    def fresh(self, low: int, high: int) -> int:
        while (at := self.chance.randint(low, high)) in self.taken:
            pass
        self.taken.add(at)
        return at


class _Twin:
    def __init__(self, chance: Random, world: World, client: Client) -> None:
        self._chance, self._world, self._client = chance, world, client
        self._times = _Times(chance, {v.at for t in world.timelines for v in t.versions})
        self._hospital = Hospital(
            world.current(), int(moment(OPENING).timestamp() * 1000), world.ended()
        )
        pools = {s.pool for rule in client.rules for s in rule.selections}
        self._pools = pools

    def world(self) -> World:
        timelines = [made for t in self._world.timelines if (made := self._again(t)) is not None]
        there = {(t.type, t.id) for t in self._world.timelines}
        absent = [(type_, id_) for type_, ids in IDS.items() for id_ in ids if (type_, id_) not in there]
        for type_, id_ in absent:
            if self._chance.random() < 0.5 and (made := self._hidden(type_, id_)) is not None:
                timelines.insert(self._chance.randint(0, len(timelines)), made)
        return World(tuple(timelines))

    def _again(self, timeline: Timeline) -> Timeline | None:
        last = timeline.last(OPENING)
        if last is not None and self._client.ever_sees(self._hospital, last):
            return self._of_visible(timeline)
        if f"{timeline.type}/{timeline.id}" in self._pools or self._carries(timeline):
            return timeline
        if self._chance.random() < 0.35:
            return None
        return self._hidden(timeline.type, timeline.id)

    def _carries(self, timeline: Timeline) -> bool:
        """Tell whether a hidden patient decides by its labels who else is seen."""
        return timeline.type == "Patient" and any(s.labels for r in self._client.rules for s in r.selections)

    def _hidden(self, type_: str, id_: str) -> Timeline | None:
        """Return random versions of a resource that the client is shown none of, None if there is no such."""
        if type_ == "Patient" and any(s.labels for r in self._client.rules for s in r.selections):
            return None
        if f"{type_}/{id_}" in self._pools:
            return None
        for _ in range(_TRIES):
            versions = history(self._chance, type_, resource(self._chance, type_, id_))
            versions = tuple(self._moved(versions))
            if all(v.body is None or not self._client.ever_sees(self._hospital, v.body) for v in versions):
                return Timeline(type_, id_, versions)
        return None

    def _moved(self, versions: tuple[Version, ...]) -> Iterator[Version]:
        """Yield versions at other times, the last of them now and then while the client is asking."""
        ats = sorted(self._times.fresh(1, OPENING - 1) for _ in versions)
        if len(versions) > 1 and self._chance.random() < 0.5:
            ats[-1] = self._times.fresh(OPENING, OPENING + _LATE * STEP)
        if versions[0].at == 0:
            ats[0] = 0
        yield from (replace(version, at=at) for version, at in zip(versions, ats, strict=True))

    def _of_visible(self, timeline: Timeline) -> Timeline:
        if timeline.type in POOLS or not self._client.masks:
            return replace(timeline, versions=tuple(self._kept(timeline.versions)))
        versions: list[Version] = []
        ats = [v.at for v in timeline.versions] + [OPENING + _LATE * STEP]
        for version, until in zip(timeline.versions, ats[1:], strict=True):
            body = version.body
            versions.append(Version(version.at, None if body is None else self._repainted(body)))
            while body is not None and self._chance.random() < 0.3 and until > versions[-1].at + 2:
                at = self._times.fresh(versions[-1].at + 1, until - 1) if until - versions[-1].at > 50 else 0
                if not at:
                    break
                versions.append(Version(at, self._repainted(body)))
        return replace(timeline, versions=tuple(versions))

    def _kept(self, versions: tuple[Version, ...]) -> Iterator[Version]:
        """Yield the versions of a visible resource: past contents that are hidden may be others as hidden."""
        for version in versions[:-1]:
            body = version.body
            if body is not None and not self._client.ever_sees(self._hospital, body):
                other = resource(self._chance, body["resourceType"], body["id"])
                if not self._client.ever_sees(self._hospital, other):
                    body = other
            yield replace(version, body=body)
        yield versions[-1]

    def _repainted(self, body: Json) -> Json:
        """Return a resource that looks the same to the client and is as visible, its hidden elements others."""
        if not self._client.ever_sees(self._hospital, body):
            return body
        look = self._client.look(body)
        for tried in variants(self._chance, body):
            if self._client.look(tried) == look and self._same_cohort(body, tried):
                return tried
        return body

    def _same_cohort(self, one: Json, other: Json) -> bool:
        """Tell whether two contents are shown to the same actions, and stand for as much to others."""
        labels = one.get("meta", {}).get("security") == other.get("meta", {}).get("security")
        decisive = any(s.labels for r in self._client.rules for s in r.selections)
        if decisive and not labels:
            return False
        return self._client.shown_by_rules(self._hospital, one) == self._client.shown_by_rules(
            self._hospital, other
        )
