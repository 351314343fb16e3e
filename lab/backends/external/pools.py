"""The patients of a pool, as the server behind says now: known again after two seconds at most.

A pool that cannot be read is a failure, never an empty one: a denial would let everybody through.

Specs: https://hl7.org/fhir/R4/group.html, https://hl7.org/fhir/R4/list.html and
https://hl7.org/fhir/R4/security-labels.html
"""

import asyncio
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from lab.backends.external import period
from lab.backends.external.about import LABEL, own_pools
from lab.backends.external.pages import walked
from lab.backends.external.references import SOMEONE, target
from lab.backends.external.refusals import UpstreamError
from lab.backends.external.upstream import Upstream
from lab.fhir.strict_json import Json

LASTS_S = 2.0
MAX_LABELLED = 100_000
_PAGE = "1000"
_NAME = re.compile(r"(?P<type>Group|List)/(?P<id>[A-Za-z0-9\-.]{1,64})")


def _now() -> datetime:
    return datetime.now(UTC)


class Pools:
    """Who is in which pool; several requests that ask for the same one wait for one answer."""

    def __init__(
        self, upstream: Upstream, *, lasts_s: float = LASTS_S, clock: Callable[[], datetime] = _now
    ) -> None:
        """Believe what was read for ``lasts_s`` seconds, counted from when it was asked."""
        self._upstream, self._lasts_s, self._clock = upstream, lasts_s, clock
        self._known: dict[str, tuple[float, frozenset[str]]] = {}
        self._asking: dict[str, asyncio.Task[frozenset[str]]] = {}

    async def members(self, pools: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """Return the ids of the patients of each pool.

        Raises:
            UpstreamError: one of them cannot be read.
        """
        wanted = sorted(set(pools))
        found = await asyncio.gather(*(self._of(pool) for pool in wanted))
        return dict(zip(wanted, found, strict=True))

    async def _of(self, pool: str) -> frozenset[str]:
        asked, known = self._known.get(pool, (float("-inf"), frozenset[str]()))
        if time.monotonic() - asked < self._lasts_s:
            return known
        asking = self._asking.get(pool)
        if asking is None:
            asking = asyncio.create_task(self._read(pool))
            self._asking[pool] = asking
            asking.add_done_callback(lambda _: self._asking.pop(pool, None))
        return await asyncio.shield(asking)

    async def _read(self, pool: str) -> frozenset[str]:
        asked = time.monotonic()
        if pool.startswith(LABEL):
            found = await self._labelled(pool)
        else:
            found = await self._gathered(pool)
        self._known[pool] = asked, found
        return found

    async def _gathered(self, pool: str) -> frozenset[str]:
        """Return the patients of a Group or of a List; one that is not there has none."""
        name = _NAME.fullmatch(pool)
        if name is None:
            raise UpstreamError(f"the policy names the pool {pool!r}, which is no Group, List or label")
        answer = await self._upstream.get(f"/{pool}")
        if answer.status in {404, 410}:
            return frozenset()
        resource = answer.resource if answer.there else None
        if resource is None or (resource.get("resourceType"), resource.get("id")) != (
            name["type"],
            name["id"],
        ):
            raise UpstreamError(f"{pool} was asked for, something else was answered ({answer.status})")
        pointed = _of_group(resource, self._clock()) if name["type"] == "Group" else _of_list(resource)
        bases = self._upstream.address.bases
        targets = (target(literal, bases) for literal in pointed)
        return frozenset(t.id for t in targets if t is not None and t.type == "Patient" and t.id != SOMEONE)

    async def _labelled(self, pool: str) -> frozenset[str]:
        """Return the patients who carry a label; each one that is told must carry it."""
        found: set[str] = set()
        asked = (("_security", pool.removeprefix(LABEL)), ("_count", _PAGE))
        async for resource in walked(self._upstream, "Patient", asked):
            if pool not in own_pools(resource):
                raise UpstreamError("it was asked for the patients of a label and told others")
            found.add(str(resource["id"]))
            if len(found) > MAX_LABELLED:
                raise UpstreamError(f"more than {MAX_LABELLED} patients carry one label: use a Group")
        return frozenset(found)


def _of_group(group: Json, now: datetime) -> Iterator[str]:
    """Yield the active members; an inactive Group has none, nor has an unreadable period."""
    for member in _objects(group.get("member")) if group.get("active") is not False else ():
        if member.get("inactive") is not True and period.holds(member.get("period"), now):
            yield from _literal(member.get("entity"))


def _of_list(list_: Json) -> Iterator[str]:
    """Yield the entries of a current List that are not marked as deleted."""
    for entry in _objects(list_.get("entry")) if list_.get("status") == "current" else ():
        if entry.get("deleted") is not True:
            yield from _literal(entry.get("item"))


def _objects(value: Any) -> Iterator[Json]:
    yield from (item for item in (value if isinstance(value, list) else ()) if isinstance(item, dict))


def _literal(reference: Any) -> Iterator[str]:
    if isinstance(reference, dict) and isinstance(reference.get("reference"), str):
        yield reference["reference"]
