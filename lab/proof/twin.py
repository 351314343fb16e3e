"""Another world that one client cannot tell from a first: equal in what it may see, different in the rest.

What differs: resources outside the view (existence, contents, versions, times), and of the visible ones,
under a client with masks, what masks hide and how often it was written. The reference says what is visible.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random

from lab.proof.contents import IDS, resource
from lab.proof.hospital import POOLS, history
from lab.proof.reference.client import Client
from lab.proof.reference.cohort import Hospital, labelled
from lab.proof.repainting import repainted
from lab.proof.world import OPENING, STEP, Json, Timeline, Version, World, moment

_TRIES = 4
_LATE = 400
"""Steps after the opening within which hidden writes still come."""

_ROOM = 50
"""Seconds between two visible versions for a hidden one to stand between them."""


def twin(chance: Random, world: World, client: Client) -> World:
    """Return a world with the same view."""
    times = _Times(chance, {v.at for t in world.timelines for v in t.versions})
    hospital = Hospital(world.current(), int(moment(OPENING).timestamp() * 1000), world.ended())
    return _Twin(chance, client, hospital, times).world(world)


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


@dataclass(frozen=True)
class _Twin:
    chance: Random
    client: Client
    hospital: Hospital
    times: _Times

    @cached_property
    def _pools(self) -> frozenset[str]:
        return frozenset(s.pool for rule in self.client.rules for s in rule.selections)

    @cached_property
    def _labels(self) -> frozenset[str]:
        """Return the labels by which patients are chosen: they decide who else is seen."""
        return frozenset(label for rule in self.client.rules for s in rule.selections for label in s.labels)

    def world(self, first: World) -> World:
        timelines = [made for t in first.timelines if (made := self._again(t)) is not None]
        there = {(t.type, t.id) for t in first.timelines}
        absent = [(type_, id_) for type_, ids in IDS.items() for id_ in ids if (type_, id_) not in there]
        for type_, id_ in absent:
            if self.chance.random() < 0.5 and (made := self._hidden(type_, id_, frozenset())) is not None:
                timelines.insert(self.chance.randint(0, len(timelines)), made)
        return World(tuple(timelines))

    def _again(self, timeline: Timeline) -> Timeline | None:
        last = timeline.last(OPENING)
        if last is not None and self._sees(last):
            return self._of_visible(timeline)
        if f"{timeline.type}/{timeline.id}" in self._pools:
            return timeline
        kept = self._decisive(timeline.type, last)
        if not kept and self.chance.random() < 0.35:
            return None
        return self._hidden(timeline.type, timeline.id, kept) or (timeline if kept else None)

    def _sees(self, body: Json) -> bool:
        return self.client.ever_sees(self.hospital, body)

    def _decisive(self, type_: str, body: Json | None) -> frozenset[str]:
        """Return the labels of a patient that decide who else is seen; they stay."""
        carried = (label for label in self._labels if body is not None and labelled(body, label))
        return frozenset(carried) if type_ == "Patient" else frozenset()

    def _hidden(self, type_: str, id_: str, labels: frozenset[str]) -> Timeline | None:
        """Return random versions of a resource that the client is shown none of, None if there is no such."""
        if f"{type_}/{id_}" in self._pools:
            return None
        for _ in range(_TRIES):
            versions = history(self.chance, type_, resource(self.chance, type_, id_))
            if type_ == "Patient" and self._labels:
                versions = tuple(replace(v, body=v.body and self._labelled(v.body, labels)) for v in versions)
            if all(v.body is None or not self._sees(v.body) for v in versions):
                return Timeline(type_, id_, tuple(self._moved(versions)))
        return None

    def _labelled(self, body: Json, labels: frozenset[str]) -> Json:
        """Return a patient with these of the labels that decide, and no other."""
        meta = body.get("meta", {})
        free = [c for c in meta.get("security", ()) if f"{c['system']}|{c['code']}" not in self._labels]
        kept = [dict(zip(("system", "code"), label.split("|"), strict=True)) for label in sorted(labels)]
        meta = {**meta, "security": [*kept, *free]}
        return {**body, "meta": meta} if meta["security"] else {n: v for n, v in body.items() if n != "meta"}

    def _moved(self, versions: tuple[Version, ...]) -> Iterator[Version]:
        """Yield versions at other times, the last of them now and then while the client is asking."""
        ats = sorted(self.times.fresh(1, OPENING - 1) for _ in versions)
        if len(versions) > 1 and self.chance.random() < 0.5:
            ats[-1] = self.times.fresh(OPENING, OPENING + _LATE * STEP)
        if versions[0].at == 0:
            ats[0] = 0
        yield from (replace(version, at=at) for version, at in zip(versions, ats, strict=True))

    def _of_visible(self, timeline: Timeline) -> Timeline:
        if timeline.type in POOLS or not self.client.masks:
            return replace(timeline, versions=tuple(self._kept(timeline.versions)))
        versions: list[Version] = []
        ends = [*(v.at for v in timeline.versions[1:]), OPENING + _LATE * STEP]
        for version, end in zip(timeline.versions, ends, strict=True):
            body = version.body
            versions.append(Version(version.at, None if body is None else self._repainted(body)))
            while body is not None and end - versions[-1].at > _ROOM and self.chance.random() < 0.3:
                at = self.times.fresh(versions[-1].at + 1, end - 1)
                versions.append(Version(at, self._repainted(body)))
        return replace(timeline, versions=tuple(versions))

    def _kept(self, versions: tuple[Version, ...]) -> Iterator[Version]:
        """Yield the versions of a visible resource: past contents that are hidden may be others as hidden."""
        for version in versions[:-1]:
            body = version.body
            hidden = body is not None and not self._sees(body)
            yield replace(version, body=self._other_hidden(body) if body and hidden else body)
        yield versions[-1]

    def _other_hidden(self, body: Json) -> Json:
        """Return another content of a resource that is as hidden, the same one when none is found."""
        others = (resource(self.chance, body["resourceType"], body["id"]) for _ in range(2 * _TRIES))
        return next((other for other in others if not self._sees(other)), body)

    def _repainted(self, body: Json) -> Json:
        """Return a resource that looks the same and is as visible, its hidden elements others."""
        if not self._sees(body):
            return body
        look, shown = self.client.look(body), self.client.shown_by_action(self.hospital, body)
        type_ = body["resourceType"]
        labels = self._decisive(type_, body)

        def same(tried: Json) -> bool:
            return (
                self.client.look(tried) == look
                and self._decisive(type_, tried) == labels
                and self.client.shown_by_action(self.hospital, tried) == shown
            )

        paths = (mask.split(".") for mask in self.client.masks)
        names = [path[1] for path in paths if path[0] == type_]
        return repainted(self.chance, body, [*names, *(["meta"] if names else [])], same)
