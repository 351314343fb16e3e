"""The course of a laboratory test in one real line of the data: a stay, or the year of a patient."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from synthetic_data.description.gathering.encounters import STAY, Encounters
from synthetic_data.description.lines import Place, matching
from synthetic_data.description.source import Source
from synthetic_data.description.watched import WATCHED, Holders, Watched
from synthetic_data.verification.folder import DataFile
from synthetic_data.verification.instants import DAY, read_instants
from synthetic_data.verification.keys import Flags, Ints
from synthetic_data.verification.paris import paris_offset

Placed = tuple[dict[str, Holders], DataFile, Place]
"""Those who have results of each watched test, and the block that holds these results."""
_FEWEST_DRAWN = 2


@dataclass(frozen=True, slots=True)
class Point:
    """A result: when the sample was taken (seconds on the clock of Paris, from 1970), its value, its place.

    `out`: beyond the usual range written beside it.
    """

    when: int
    value: float
    out: bool
    observation: str


@dataclass(frozen=True, slots=True)
class Span:
    """A stay, on the same clock; `end`: that of the period when it is in progress."""

    start: int
    end: int
    reason: str
    reference: str


@dataclass(frozen=True, slots=True)
class Trajectory:
    """`typical`: its diagnosis is of the family looked for; `low`, `high`: usual range, None where unbounded.

    `first`, `last`: the time shown. `place`: block of the observations.
    """

    watched: Watched
    label: str
    unit: str
    patient: str
    reason: str
    typical: bool
    low: float | None
    high: float | None
    first: int
    last: int
    points: tuple[Point, ...]
    spans: tuple[Span, ...]
    file: DataFile
    place: Place


@dataclass(frozen=True, slots=True)
class _Choice:
    """`holder` has the results, in the block `place` of `file`; `family`: the diagnoses it was found by."""

    holder: str
    family: tuple[str, ...]
    file: DataFile
    place: Place


def trajectories_of(
    source: Source, encounters: Encounters, blocks: Sequence[Placed]
) -> tuple[Trajectory, ...]:
    """Draw one course for each watched test that somebody has enough results of."""
    stays = encounters.only(STAY)
    choices = [(watched, _choose(watched, stays, blocks)) for watched in WATCHED]
    made = [_trajectory(source, stays, watched, choice) for watched, choice in choices if choice]
    return tuple(one for one in made if one)


def _choose(watched: Watched, stays: Encounters, blocks: Sequence[Placed]) -> _Choice | None:
    found = [holders[watched.code] for holders, _, _ in blocks]
    if not found:
        return None
    references = np.concatenate([one.references for one in found])
    counts = np.concatenate([one.counts for one in found])
    block = np.repeat(np.arange(len(found)), [len(one.counts) for one in found])
    own = stays.reference if watched.over_stay else stays.patient
    for least, family in watched.levels():
        able = np.flatnonzero((counts >= least) & np.isin(references, own[_of_family(stays, family)]))
        if len(able):
            best = able[np.lexsort((references[able], -counts[able]))[0]]
            _, file, place = blocks[block[best]]
            return _Choice(references[best].decode(errors="replace"), family, file, place)
    return None


def _of_family(stays: Encounters, family: tuple[str, ...]) -> Flags:
    chosen = np.array([code.startswith(family) for code, _ in stays.reason.words] or [False], bool)
    return chosen[stays.reason.rank]


def _trajectory(source: Source, stays: Encounters, watched: Watched, choice: _Choice) -> Trajectory | None:
    results = [
        one
        for _, one in matching(source.path, choice.file, choice.holder, choice.place)
        if _code(one) == watched.code and _holder(one, watched) == choice.holder and _value(one) is not None
    ]
    results.sort(key=lambda one: (_when(one), str(one.get("id"))))
    if len(results) < _FEWEST_DRAWN:
        return None
    patient = str(results[0]["subject"]["reference"])
    own = np.flatnonzero(stays.patient == patient.encode())
    held = np.flatnonzero(stays.reference == choice.holder.encode()) if watched.over_stay else own
    main = int(held[_of_family(stays, choice.family)[held]][0])
    end = _wall(int(source.now.timestamp()))
    first, last = _wall(int(source.start.timestamp())), end
    if watched.over_stay:
        first = int(stays.start_wall[main]) // DAY * DAY
        last = max(_end(stays, main, end), _when(results[-1])) // DAY * DAY + DAY
    low, high = _range(results[0])
    return Trajectory(
        watched=watched,
        label=str(results[0].get("code", {}).get("text", watched.code)),
        unit=str(results[0]["valueQuantity"].get("unit", "")),
        patient=patient,
        reason=stays.reason.words[stays.reason.rank[main]][1],
        typical=choice.family != ("",),
        low=low,
        high=high,
        first=first,
        last=last,
        points=tuple(_point(one) for one in results),
        spans=tuple(_span(stays, int(row), end) for row in _shown(stays, own, first, last)),
        file=choice.file,
        place=choice.place,
    )


def _shown(stays: Encounters, rows: Ints, first: int, last: int) -> Ints:
    ended = ~stays.ended[rows] | (stays.end_wall[rows] >= first)
    kept = rows[ended & (stays.start_wall[rows] < last)]
    return kept[np.argsort(stays.start_wall[kept], kind="stable")]


def _span(stays: Encounters, row: int, end: int) -> Span:
    reference = stays.reference[row].decode(errors="replace")
    reason = stays.reason.words[stays.reason.rank[row]][1]
    return Span(int(stays.start_wall[row]), _end(stays, row, end), reason, reference)


def _end(stays: Encounters, row: int, end: int) -> int:
    return int(stays.end_wall[row]) if stays.ended[row] else end


def _wall(seconds: int) -> int:
    return seconds + int(paris_offset(np.array([seconds]))[0])


def _point(result: dict[str, Any]) -> Point:
    value, (low, high) = _value(result), _range(result)
    if value is None:
        raise ValueError("expected a number")
    out = (low is not None and value < low) or (high is not None and value > high)
    return Point(_when(result), value, out, str(result["id"]))


def _code(result: dict[str, Any]) -> str:
    codings = result.get("code", {}).get("coding") or [{}]
    return str(codings[0].get("code", ""))


def _holder(result: dict[str, Any], watched: Watched) -> str:
    return str(result.get("encounter" if watched.over_stay else "subject", {}).get("reference", ""))


def _value(result: dict[str, Any]) -> float | None:
    value = result.get("valueQuantity", {}).get("value")
    return float(value) if isinstance(value, int | float) else None


def _when(result: dict[str, Any]) -> int:
    text = str(result.get("effectiveDateTime", ""))
    moment = read_instants(np.array([text.encode()], "S35"))
    if not moment.valid[0]:
        raise ValueError(f"expected an instant, got {text!r}")
    return int(moment.wall[0])


def _range(result: dict[str, Any]) -> tuple[float | None, float | None]:
    ranges = result.get("referenceRange") or [{}]
    low, high = (ranges[0].get(bound, {}).get("value") for bound in ("low", "high"))
    return (None if low is None else float(low)), (None if high is None else float(high))
