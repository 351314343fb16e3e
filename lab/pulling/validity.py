"""Whether the figures of a pull can be trusted: what the laboratory itself had to do, and did."""

from collections.abc import Sequence

from lab.model.pulling import Aftermath, Habits
from lab.model.text import Text
from lab.pulling.plan import PullPlan
from lab.pulling.recording import Recording

ACHIEVED_RATIO = 0.99
GATEWAY_P95_S = 1.0
"""A gateway that takes longer than that for an answer adds to staleness what is not the application's."""


def invalidity(
    plan: PullPlan, recording: Recording, way: Habits, leaks: int, unmet: Sequence[Aftermath]
) -> Text | None:
    """Return why the figures cannot be trusted, for causes of the laboratory only; None if they can."""
    reason = Text(fr="", en="")
    if recording.ended is None:
        reason = reason.extended(
            fr=f"La mesure s'est arrêtée avant la fin : {len(recording.commits)} événements sur "
            f"{len(plan.events)}.",
            en=f"The run stopped before its end: {len(recording.commits)} events out of {len(plan.events)}.",
        )
    ratio = 100 * achieved(plan, recording)
    if recording.ended is not None and ratio < 100 * ACHIEVED_RATIO:
        reason = reason.extended(
            fr=f"L'hôpital n'a vécu que {ratio:.1f} % des événements prévus (99 % exigés) : la machine ou le "
            "débit demandé en sont la cause, pas l'application.".replace(".", ",", 1),
            en=f"Only {ratio:.1f} % of the planned events happened in time (99 % required): the machine or "
            "the rate that was asked for is the cause, not the application.",
        )
    if way.gateway_p95_s is not None and way.gateway_p95_s > GATEWAY_P95_S:
        took = f"{way.gateway_p95_s:.1f}"
        reason = reason.extended(
            fr=f"La passerelle elle-même a mis {took.replace('.', ',')} s à répondre au 95e centile (1 s "
            "admise) : ce retard n'est pas celui de l'application.",
            en=f"The gateway itself took {took} s to answer at the 95th percentile (1 s allowed): that delay "
            "is not the application's.",
        )
    for fault in unmet:
        span = f"{fault.fault}, {fault.begins:g} … {fault.ends:g} s"
        reason = reason.extended(
            fr=f"Une panne ({span}) n'a rencontré aucune requête et ne montre rien : l'allonger (--faults).",
            en=f"A fault ({span}) met no request: it shows nothing. Lengthen it (--faults).",
        )
    if leaks:
        reason = reason.extended(
            fr=f"{leaks} événements hors de la cohorte ont été livrés : défaut de l'hôpital du laboratoire.",
            en=f"{leaks} events outside the cohort were delivered: a defect of the laboratory's hospital.",
        )
    return reason if reason.en else None


def achieved(plan: PullPlan, recording: Recording) -> float:
    """Return the share of the planned events that happened, over the time that they were to take."""
    happened = [one for one in recording.commits if one.version]
    took = max((one.t for one in happened), default=0.0) - recording.begun
    return len(happened) / max(len(plan.events), 1) * min(1.0, plan.duration_s / max(took, plan.duration_s))
