"""A load beside one recorded earlier, whose recording is kept in the run: it can be judged again, offline.

What was asked otherwise is refused before anything is started; what was measured otherwise is said beside.
"""

import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from math import isfinite
from pathlib import Path

import orjson

from lab.certification.comparing import ComparisonError, Row, asked_same, compare_loads
from lab.certification.document import DocumentError, read
from lab.certification.folder import RunFolder
from lab.load.answered import ANSWERS_FILE
from lab.load.catalogue import scenario_named
from lab.load.judge import PLAN_FILE
from lab.load.judge import recheck as recheck_load
from lab.load.machine import MACHINE_FILE
from lab.load.plan import LoadPlan
from lab.load.reading import samples_files
from lab.model.baseline import Baseline, Change
from lab.model.load import LoadResult
from lab.model.target import SystemUnderTest
from lab.model.text import Text
from lab.scaling.comparison import SMALLEST_EFFECT

_ORIGIN = "origin.json"
_KEPT = (PLAN_FILE, MACHINE_FILE, ANSWERS_FILE, "ending.json")


@dataclass(frozen=True)
class _Origin:
    run: str
    started: str
    version: str


def refuse_baseline(run: Path, subject: SystemUnderTest, seed: int) -> None:
    """Refuse a baseline that the load to be played could not be compared with.

    Raises:
        ComparisonError: it is no run with a load, was asked otherwise, or its figures cannot be trusted.
        LoadError: the profile of the promise is unknown.
    """
    promise = subject.load
    if promise is None or subject.server is None:
        message = (
            "--baseline stands beside a load, and none is played: give the manifest [server] and [load]."
        )
        raise ComparisonError(message)
    folder = RunFolder(run)
    if not (folder.load / PLAN_FILE).exists():
        message = (
            f"{run} holds no load to compare with: give the folder of a run of `lab load` or `lab certify`."
        )
        raise ComparisonError(message)
    _origin(folder)
    before = LoadPlan.from_json((folder.load / PLAN_FILE).read_bytes())
    profile = scenario_named(promise.profile).profile(promise.assumptions)
    now: Mapping[str, object] = {
        "profile": profile.id,
        "scale": promise.scale,
        "seed": seed,
        "duration_s": promise.duration_s,
        "rate": profile.rate * promise.scale,
    }
    asked_same({name: (getattr(before, name), value) for name, value in now.items()})
    reason = recheck_load(folder.load).invalid_reason
    if reason is not None:
        message = f"{run} is not valid, so that nothing can be compared with it: {reason.en}"
        raise ComparisonError(message)


def beside(run: Path | None, load: list[LoadResult], folder: RunFolder) -> list[LoadResult]:
    """Return the loads of a run beside an earlier one, which its folder keeps; as they are without one."""
    if run is None or not load:
        return load
    keep_baseline(run, folder)
    return [compared(one, folder) for one in load]


def keep_baseline(run: Path, folder: RunFolder) -> None:
    """Copy what the comparison needs of an earlier run into this one."""
    before = RunFolder(run)
    plan = LoadPlan.from_json((before.load / PLAN_FILE).read_bytes())
    folder.baseline.mkdir(parents=True, exist_ok=True)
    for file in (*(before.load / name for name in _KEPT), *samples_files(before.load, plan.workers)):
        if file.exists():
            shutil.copyfile(file, folder.baseline / file.name)
    (folder.baseline / _ORIGIN).write_bytes(orjson.dumps(_origin(before)))


def compared(result: LoadResult, folder: RunFolder) -> LoadResult:
    """Return the result of a load beside the baseline that its run keeps; as it is where there is none."""
    if not (folder.baseline / _ORIGIN).exists():
        return result
    origin = _Origin(**orjson.loads((folder.baseline / _ORIGIN).read_bytes()))
    reason = None if result.valid else _INVALID
    before = recheck_load(folder.baseline)
    rows = () if reason else compare_loads(folder.baseline, folder.load, SMALLEST_EFFECT)
    baseline = Baseline(
        **asdict(origin),
        smallest=SMALLEST_EFFECT,
        reason=reason,
        notes=() if reason else _notes(before, result),
        changes=tuple(map(_change, rows)),
    )
    return replace(result, baseline=baseline)


def _origin(folder: RunFolder) -> _Origin:
    try:
        document = read(folder.document)
    except DocumentError as error:
        raise ComparisonError(str(error)) from None
    return _Origin(document["id"], document["started"], document["subject"]["version"])


def _change(row: Row) -> Change:
    one = row.comparison
    if one is None:
        return Change(row.at, row.first, row.second, None, None, None, None, "cannot be said")
    low, high = (end if isfinite(end) and end > 0 else None for end in (one.low, one.high))
    return Change(row.at, row.first, row.second, one.ratio, low, high, one.effect, one.word)


def _notes(before: LoadResult, now: LoadResult) -> tuple[Text, ...]:
    """Return what else differed between the two runs, besides the application."""
    found = []
    if before.machine != now.machine:
        here, there = (one.machine or "?" for one in (now, before))
        found.append(Text(_MACHINES.fr.format(there, here), _MACHINES.en.format(there, here)))
    senders = [f"{one.generator.workers} {one.generator.engine}" for one in (before, now) if one.generator]
    if len(set(senders)) > 1:
        found.append(Text(_SENDERS.fr.format(*senders), _SENDERS.en.format(*senders)))
    if before.aborted or now.aborted:
        found.append(_ABORTED)
    return (*found, _ONE_EACH)


_MACHINES = Text(
    fr="La référence vient d'une autre machine ({}, ici {}) : cela aussi est dans l'écart.",
    en="The baseline is of another machine ({}, here {}): that is within the difference too.",
)
_SENDERS = Text(
    fr="La référence a d'autres générateurs ({}, ici {}) : cela aussi est dans l'écart.",
    en="The baseline has other generators ({}, here {}): that is within the difference too.",
)
_ABORTED = Text(
    fr="L'un des deux tirs a été arrêté avant la fin : de lui, seules les premières secondes comptent.",
    en="One of the two runs was ended early: only its first seconds count.",
)
_INVALID = Text(
    fr="Cet essai n'est pas valable, rien ne peut donc lui être comparé.",
    en="This run is not valid, so that nothing can be compared with it.",
)
_ONE_EACH = Text(
    fr="Une seule exécution de chaque : ce que la machine a fait autrement entre les deux est dans l'écart.",
    en="One run of each: what the machine did differently in between is within the difference.",
)
