"""A load plan: a profile applied to a target, as a schedule of arrivals that only the seed decides."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Self, TypeVar

import orjson

from lab.load.arrival import TOKEN, Arrival, Expect, read_arrival
from lab.load.drawn import Drawn, read_drawn
from lab.load.error import LoadError
from lab.load.gates import parse
from lab.load.people import Crowd, Opening, People, crowd, read_crowd
from lab.load.routes import DENIALS, Route, charts, token
from lab.load.shape import FLAT, Shape
from lab.load.soundness import with_soundness
from lab.load.target import Persona, Signer, Target, TokenRequest
from lab.model.text import Text

__all__ = [
    "Arrival",
    "Expect",
    "LoadError",
    "LoadPlan",
    "Persona",
    "Profile",
    "Share",
    "Target",
    "TokenRequest",
    "build",
]

TIMEOUT_S = 10.0  # one request, from connection to the last byte; then it counts as an error
BODY_CAP = 8 * 1024 * 1024  # bytes; a page of 1,000 resources is about 2 MB
FEWEST_SLOTS = 64
MOST_SLOTS = 2_000  # each slot may hold a socket
MOST_ARRIVALS = 200_000_000  # of one run: all of them are drawn once beforehand, in half a minute
MOST_RATE = 20_000  # requests/s of one generator, at the peak: twice what it sends to a trivial server
RENEW_S = 120.0  # SMART advises tokens of 300 s at most: each persona has a new one long before

Item = TypeVar("Item")


@dataclass(frozen=True)
class Share:
    """The relative weight of one route in the ordinary traffic of a profile."""

    weight: float
    route: Route


@dataclass(frozen=True)
class Profile:
    """A traffic of the hospital: ``rate`` requests/s at x1, mixed by weight, and what it must meet.

    ``shape`` says how the rate goes over the run, which lasts ``duration_s`` unless asked otherwise;
    ``people`` open charts besides, with pauses. ``denial_share`` of the scheduled requests are expected
    denials, spread evenly over the levels the target offers.
    """

    id: str
    name: str
    title: Text
    rate: float
    mix: tuple[Share, ...]
    thresholds: tuple[str, ...]
    denials: tuple[Route, ...] = DENIALS
    denial_share: float = 0.04
    shape: Shape = FLAT
    duration_s: float = 60.0
    people: People | None = None

    def __post_init__(self) -> None:
        """Refuse a threshold that cannot be read, at once and not after the run."""
        for threshold in self.thresholds:
            parse(threshold)


@dataclass(frozen=True)
class LoadPlan:
    """Everything the generator needs; the arrivals are ordered by time, there is a session for each person.

    Both are listed one by one, or described and drawn as they are needed.

    ``rate`` is in requests/s, scale included and at factor 1 of the shape. ``slots`` caps the requests in
    flight: it holds a server that never answers until ``timeout_s``, so that only a generator too slow for
    its plan drops a request. ``workers`` generators share the plan, each playing with ``engine``.
    """

    profile: str
    title: Text
    base_url: str
    token_url: str | None
    duration_s: float
    rate: float
    scale: float
    seed: int
    thresholds: tuple[str, ...]
    personas: tuple[Persona, ...]
    arrivals: tuple[Arrival, ...] | Drawn
    slots: int
    timeout_s: float = TIMEOUT_S
    body_cap: int = BODY_CAP
    sessions: tuple[tuple[Opening, ...], ...] | Crowd = ()
    workers: int = 1
    engine: str = "lean"

    @property
    def sources(self) -> tuple[str, ...]:
        """The local addresses that requests are sent from, where that is not left to the system."""
        listed = self.arrivals
        sent: Iterable[Arrival] = chain.from_iterable(listed.ways) if isinstance(listed, Drawn) else listed
        named = {one.source for one in sent} | {one.source for one in self.personas}
        return tuple(sorted(one for one in named if one is not None))

    @property
    def tokens_needed(self) -> dict[str, int]:
        """How many tokens each persona that asks for them will ask for: one to start with, then its route.

        Each generator starts with one of its own.
        """
        played = (
            Counter(dict(self.arrivals.tokens))
            if isinstance(self.arrivals, Drawn)
            else Counter(arrival.persona for arrival in self.arrivals if arrival.route == TOKEN)
        )
        return {
            persona.name: self.workers + played[persona.name] for persona in self.personas if persona.token
        }

    def public(self) -> Self:
        """Return this plan without its secrets, fit to be kept beside the results."""
        return replace(self, personas=tuple(replace(p, bearer=None, token=None) for p in self.personas))

    def to_json(self) -> bytes:
        """Return the plan as JSON, secrets included unless it is public."""
        return orjson.dumps(self)

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Return the plan that ``to_json`` wrote."""
        return cls.from_data(orjson.loads(text))

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        """Return the plan that was read as plain JSON data."""
        data["title"] = Text(**data["title"])
        data["thresholds"] = tuple(data["thresholds"])
        data["personas"] = tuple(_persona(item) for item in data["personas"])
        arrivals, sessions = data["arrivals"], data["sessions"]
        data["arrivals"] = (
            read_drawn(arrivals) if isinstance(arrivals, dict) else tuple(map(read_arrival, arrivals))
        )
        data["sessions"] = (
            read_crowd(sessions)
            if isinstance(sessions, dict)
            else tuple(
                tuple(Opening(one["think_s"], tuple(map(read_arrival, one["requests"]))) for one in session)
                for session in sessions
            )
        )
        return cls(**data)


def build(
    profile: Profile, target: Target, *, duration_s: float, scale: float, seed: int, workers: int = 1
) -> LoadPlan:
    """Return the schedule of a profile against a target.

    Arrivals are a Poisson process of the profile's shape, conditioned on its count. The count is therefore
    exactly the area under the shape, and the mix is exact too, so that runs of one length compare. Besides,
    each persona renews its token in time, whatever the profile mixes.

    Raises:
        LoadError: the target offers nothing that the profile could send, or it is more than a run holds.
    """
    refuse_absurd(profile, duration_s, scale, workers)
    seeded = f"{profile.id}:{seed}"
    rate = profile.rate * scale
    deck = _deck(profile, target, round(rate * profile.shape.mean * duration_s))
    people = profile.people
    drawn = Drawn(
        ways=tuple(ways for ways, _ in deck),
        counts=tuple(count for _, count in deck),
        shape=profile.shape,
        duration_s=duration_s,
        seed=seeded,
        renewals=tuple(sorted(_renewals(target, duration_s, workers), key=lambda arrival: arrival.at)),
    )
    return LoadPlan(
        profile=profile.id,
        title=profile.title,
        base_url=target.base_url,
        token_url=target.token_url,
        duration_s=duration_s,
        rate=rate,
        scale=scale,
        seed=seed,
        thresholds=with_soundness(profile.thresholds),
        personas=target.personas,
        arrivals=drawn.counted(),
        # Half as much again, because arrivals come in clusters.
        slots=min(MOST_SLOTS, max(FEWEST_SLOTS, math.ceil(1.5 * rate * profile.shape.highest * TIMEOUT_S))),
        sessions=crowd(people, charts(target), duration_s, scale, seeded) if people else (),
        workers=workers,
    )


def refuse_absurd(profile: Profile, duration_s: float, scale: float, workers: int = 1) -> None:
    """Refuse, before anything is built, what no generator sends.

    Raises:
        LoadError: with the duration or the number of generators that would do.
    """
    peak = profile.rate * profile.shape.highest * scale
    if peak > MOST_RATE * workers:
        needed = math.ceil(peak / MOST_RATE)
        message = (
            f"Profile {profile.name} at x{scale:g} would send {peak:,.0f} requests/s at its peak, and a "
            f"generator sends {MOST_RATE:,} at most: ask for a smaller scale, or for --workers {needed}."
        )
        raise LoadError(message)
    count = profile.rate * profile.shape.mean * scale * duration_s
    if profile.people is not None:
        count += profile.people.count * scale * (1 + duration_s / profile.people.think_s)
    if count > MOST_ARRIVALS:
        longest = MOST_ARRIVALS / count * duration_s
        message = (
            f"Profile {profile.name} at x{scale:g} for {duration_s:g} s would send {count:,.0f} requests, "
            f"and a run holds {MOST_ARRIVALS:,} at most: ask for a smaller scale, or for {longest:.0f} s."
        )
        raise LoadError(message)


def _renewals(target: Target, duration_s: float, workers: int) -> Iterable[Arrival]:
    """Return the token requests that keep every persona's token in force until the end of the run.

    Each generator has tokens of its own.
    """
    personas = [arrival for arrival in token(target) for _ in range(workers)]
    for number in range(1, math.ceil(duration_s / RENEW_S)):
        for place, arrival in enumerate(personas):
            # One after the other: all at once would be a storm of our own making.
            yield replace(arrival, at=min(number * RENEW_S + place / workers, duration_s))


def _deck(profile: Profile, target: Target, count: int) -> list[tuple[tuple[Arrival, ...], int]]:
    """Return, for each route the target offers, its possible arrivals and how many to send."""
    mix = [(arrivals, share.weight) for share in profile.mix if (arrivals := share.route(target))]
    denials = [(arrivals, 1.0) for route in profile.denials if (arrivals := route(target))]
    if not mix:
        message = (
            f"Profile {profile.id} has nothing to send to {target.base_url}: it needs paths to poll, read or "
            "search and a persona that is not restricted. Give the target at least one of each."
        )
        raise LoadError(message)
    # At least one denial per level, however short the run: a level that is never probed is not shown.
    refused = (
        max(round(count * profile.denial_share), len(denials)) if denials and profile.denial_share else 0
    )
    refused = min(refused, count)
    return [*_apportion(mix, count - refused), *_apportion(denials, refused)]


def _apportion(weighted: list[tuple[Item, float]], count: int) -> list[tuple[Item, int]]:
    """Share ``count`` by weight, exactly, by largest remainders (Hamilton's method)."""
    total = sum(weight for _, weight in weighted)
    exact = [count * weight / total for _, weight in weighted]
    counts = [math.floor(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: counts[i] - exact[i])
    for i in by_remainder[: count - sum(counts)]:
        counts[i] += 1
    return [(item, n) for (item, _), n in zip(weighted, counts, strict=True)]


def _persona(data: dict[str, Any]) -> Persona:
    token = data.pop("token")
    if token is not None:
        form = tuple((name, value) for name, value in token["form"])
        signer = Signer(**token["signer"]) if token["signer"] else None
        token = TokenRequest(form, tuple(token["assertions"]), signer)
    return Persona(token=token, **data)
