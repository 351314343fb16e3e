"""From the options of ``lab load pull`` and the scenario to what is played; each mistake has its sentence."""

from dataclasses import dataclass

from lab.certification.pulling import Pull
from lab.cli.scale import times
from lab.model.target import SystemUnderTest
from lab.pulling import gates
from lab.pulling.plan import FaultWindow, events
from scenarios import pulling as scenario

_MOST_S = 3_600.0


@dataclass(frozen=True)
class Chosen:
    """The options as given: 0, empty and none leave the choice to the scenario; ``steps`` 0 is no search."""

    rate: float
    scale: str
    duration_s: float
    faults: str
    thresholds: tuple[str, ...]
    steps: int


def to_play(chosen: Chosen, subject: SystemUnderTest) -> Pull:
    """Return what to play to an application.

    Raises:
        ValueError: it pulls nothing, or an option cannot be read, or faults and duration do not fit.
        LoadError: a threshold cannot be read, or there would be no event.
    """
    if subject.client is None:
        message = "This application is a server only, and pulls nothing: give its manifest a [client]."
        raise ValueError(message)
    interval = subject.client.poll_interval_s
    usual = scenario.STEP_S if chosen.steps else scenario.DURATION_S
    faults = {} if chosen.steps else _faults(chosen.faults, scenario.faults(interval))
    lasts = scenario.lasting(chosen.duration_s, interval, usual, stormy=bool(faults))
    windows = _windows(lasts, faults)
    expected = scenario.STEP_THRESHOLDS if chosen.steps else scenario.THRESHOLDS
    thresholds = chosen.thresholds or (*expected, *(scenario.FAULT_THRESHOLDS if windows else ()))
    for expression in thresholds:
        gates.check(expression)
    rate = (chosen.rate or scenario.RATE) * times(chosen.scale)
    events(rate, lasts, 0, 0.0, "")  # refused now, before anything is started
    return Pull(
        rate=rate,
        duration_s=lasts,
        hidden_share=scenario.HIDDEN_SHARE,
        overlap_s=scenario.OVERLAP_S,
        drain_s=max(scenario.DRAIN_S, scenario.DRAIN_INTERVALS * interval),
        windows=windows,
        thresholds=thresholds,
        steps=chosen.steps,
    )


def of_profile(profile: str, subject: SystemUnderTest) -> Pull:
    """Return what a certification plays to an application that pulls: the scenario, calm or with its faults.

    Raises:
        ValueError: the profile is none, or the laboratory cannot start the application, or it pulls nothing.
        LoadError: there would be no event.
    """
    if profile not in scenario.PROFILES:
        message = f"--pull is {' or '.join(scenario.PROFILES)}, not {profile!r}."
        raise ValueError(message)
    if subject.start is None:
        message = (
            "--pull starts the application once more, before another hospital: give its manifest a [start]."
        )
        raise ValueError(message)
    return to_play(Chosen(0, "x1", 0, scenario.PROFILES[profile], (), 0), subject)


def _windows(lasts: float, faults: dict[str, float]) -> tuple[FaultWindow, ...]:
    windows = scenario.windows(lasts, faults)
    following = [*(one.begins for one in windows[1:]), lasts][: len(windows)]
    if any(one.ends > next_ for one, next_ in zip(windows, following, strict=True)):
        message = (
            f"{sum(faults.values()):g} s of faults do not fit into {lasts:g} s: lengthen --duration, shorten "
            "--faults, or give --faults none."
        )
        raise ValueError(message)
    return windows


def _faults(text: str, usual: dict[str, float]) -> dict[str, float]:
    """Return how long each fault lasts, in seconds, as the command line says."""
    if text == "none":
        return {}
    found: dict[str, float] = {}
    for part in text.split(",") if text else ():
        name, _, lasts = part.strip().partition(":")
        try:
            seconds = float(lasts) if lasts else usual[name]
        except (ValueError, KeyError):
            seconds = 0.0
        if name not in usual or not 0 < seconds <= _MOST_S:
            like = ",".join(f"{name}:{lasts:g}" for name, lasts in usual.items())
            message = f"--faults is a list such as {like}, or none, not {text!r}."
            raise ValueError(message)
        found[name] = seconds
    return found or dict(usual)
