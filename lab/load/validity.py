"""Whether the figures of a run can be trusted: what went wrong on the side of the generator and its machine.

A run that is not valid is never a pass: its server was not shown what it should have been shown.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from lab.load.calibration import CALIBRATION
from lab.load.ending import Ending
from lab.load.histogram import Histogram, total
from lab.load.plan import LoadPlan
from lab.load.record import Recording, Tick
from lab.model.text import Text

ACHIEVED_RATIO = 0.99
# A generator later than this adds to every latency as much as the tightest threshold allows in all.
LAG_P99_MS = 100.0
# The same for an answer of our own echo, which takes no time to make.
CALIBRATION_P99_MS = 100.0
CALIBRATION_LEAST = 100
"""Samples under which a 99th percentile is one unlucky answer."""
CPU_SHARE = 0.9
CPU_WINDOW_S = 5.0
CLOCK_JUMP_S = 0.25


def invalidity(plan: LoadPlan, recording: Recording, ending: Ending | None = None) -> Text | None:
    """Return why the figures cannot be trusted, for causes on the generator's side only; None if they can."""
    if not plan.arrivals and not plan.sessions:
        return Text(fr="Aucune requête n'était prévue.", en="No request was planned.")
    reason = Text(fr="", en="")
    for found in (
        *_unfinished(plan, recording, ending),
        *_late(plan, recording, ending),
        *_machine(plan, recording),
    ):
        reason = reason.extended(fr=found.fr, en=found.en)
    return reason if reason.en else None


def achieved_rate(plan: LoadPlan, recording: Recording, ending: Ending | None = None) -> float:
    """Return the requests of the schedule that left, a second."""
    meant = ending.at if ending is not None and ending.cause == "aborted" else plan.duration_s
    return recording.sent / (max(meant, recording.last_sent) or 1.0)


def cpu_share(ticks: Sequence[Tick]) -> float | None:
    """Return the largest part of a core that a generator used over 5 s; None when it ran less."""
    shares = []
    first = 0
    for last in ticks:
        while last.at - ticks[first].at > CPU_WINDOW_S + 1:
            first += 1
        spent = last.at - ticks[first].at
        if spent >= CPU_WINDOW_S - 1:
            shares.append((last.cpu - ticks[first].cpu) / spent)
    return max(shares, default=None)


def calibration(recording: Recording) -> Histogram:
    """Return how long our own echo took."""
    return total(cell.intended for key, cell in recording.cells.items() if key.route == CALIBRATION)


def notes(recording: Recording) -> tuple[Text, ...]:
    """Return what a reader should know although it makes no figure wrong: latencies have their own clock."""
    jumps = [
        (one.at, two.drift - one.drift)
        for ticks in recording.ticks
        for one, two in pairwise(ticks)
        if abs(two.drift - one.drift) > CLOCK_JUMP_S
    ]
    return tuple(
        Text(
            fr=f"L'horloge de la machine a sauté de {decimal(jump)} s vers {at:.0f} s ; les latences, "
            "mesurées sur une horloge monotone, n'en sont pas changées.",
            en=f"The clock of the machine jumped by {jump:.1f} s at about {at:.0f} s; latencies, which are "
            "measured on a monotonic clock, are not changed by it.",
        )
        for at, jump in jumps
    )


def decimal(value: float) -> str:
    """Return one decimal, in French."""
    return f"{value:.1f}".replace(".", ",")


def _unfinished(plan: LoadPlan, recording: Recording, ending: Ending | None) -> Iterator[Text]:
    planned = len(plan.arrivals)
    if ending is not None and ending.cause == "worker" and ending.worker > plan.workers:
        yield Text(
            fr=f"Le maître des générateurs est mort en cours de tir (signal {ending.signal}).",
            en=f"The master of the generators died during the run (signal {ending.signal}).",
        )
    elif ending is not None and ending.cause == "worker":
        yield Text(
            fr=f"Le générateur {ending.worker} sur {plan.workers} est mort en cours de tir "
            f"(signal {ending.signal}), vers {decimal(ending.at)} s.",
            en=f"Generator {ending.worker} of {plan.workers} died during the run (signal {ending.signal}), "
            f"at about {ending.at:.1f} s.",
        )
    if not recording.complete and (ending is None or ending.cause != "aborted"):
        yield Text(
            fr=f"La mesure s'est arrêtée avant la fin : {recording.sent} requêtes émises sur {planned}.",
            en=f"The run stopped before its end: {recording.sent} requests sent out of {planned}.",
        )
    if recording.dropped:
        yield Text(
            fr=f"{recording.dropped} requêtes n'ont pas pu partir : {plan.slots} étaient déjà en attente.",
            en=f"{recording.dropped} requests could not leave: {plan.slots} were already in flight.",
        )


def _late(plan: LoadPlan, recording: Recording, ending: Ending | None) -> Iterator[Text]:
    planned = len(plan.arrivals)
    ratio = 100 * achieved_rate(plan, recording, ending) * plan.duration_s / max(planned, 1)
    if planned and recording.complete and ratio < 100 * ACHIEVED_RATIO:
        yield Text(
            fr=f"Débit atteint : {decimal(ratio)} % du débit visé (99 % exigés).",
            en=f"Rate achieved: {ratio:.1f} % of the target (99 % required).",
        )
    lag = recording.lag.percentile(99)
    if lag is not None and lag > LAG_P99_MS:
        yield Text(
            fr=f"Le générateur était en retard de {decimal(lag)} ms au 99e centile (100 ms admises).",
            en=f"The generator was {lag:.1f} ms late at the 99th percentile (100 ms allowed).",
        )


def _machine(plan: LoadPlan, recording: Recording) -> Iterator[Text]:
    shares = [share for ticks in recording.ticks if (share := cpu_share(ticks)) is not None]
    if shares and max(shares) > CPU_SHARE:
        share, more = 100 * max(shares), plan.workers + 1
        yield Text(
            fr=f"Un générateur a occupé {share:.0f} % d'un cœur pendant 5 s (90 % admis) : répartir la "
            f"charge avec --workers {more}.",
            en=f"A generator used {share:.0f} % of a core over 5 s (90 % allowed): share the load with "
            f"--workers {more}.",
        )
    echoed = calibration(recording)
    slow = echoed.percentile(99)
    if slow is not None and echoed.buckets.total() >= CALIBRATION_LEAST and slow > CALIBRATION_P99_MS:
        yield Text(
            fr=f"Notre propre écho a répondu en {decimal(slow)} ms au 99e centile (100 ms admises) : la "
            "machine ou le générateur est en cause, pas l'application. Libérer la machine, ou réduire la "
            "charge.",
            en=f"Our own echo took {slow:.1f} ms at the 99th percentile (100 ms allowed): the machine or the "
            "generator is the cause, not the application. Free the machine, or ask for less.",
        )
    failed = sum(
        cell.count
        for key, cell in recording.cells.items()
        if key.route == CALIBRATION and key.outcome == "error"
    )
    if failed:
        yield Text(
            fr=f"Notre propre écho n'a pas toujours répondu (échecs : {failed}) : la machine ou le "
            "générateur est en cause.",
            en=f"Our own echo did not always answer (failures: {failed}): the machine or the "
            "generator is the cause.",
        )
