"""Why an event was never delivered: what the application asked after it, and what it did not ask."""

from collections import defaultdict
from collections.abc import Sequence

from lab.model.pulling import Missed
from lab.model.text import Text
from lab.pulling.asked import Asked
from lab.pulling.habits import unfinished
from lab.pulling.lag import Span
from lab.pulling.pairing import Pair

_WHY = {
    "silence": Text(
        fr="Plus aucune interrogation n'a suivi l'événement : l'application a cessé de demander.",
        en="No poll followed the event: the application stopped asking.",
    ),
    "fault": Text(
        fr="L'événement est survenu autour d'une panne, et la reprise ne l'a pas redemandé.",
        en="The event happened around a fault, and what was asked afterwards did not reach back to it.",
    ),
    "window": Text(
        fr="Les interrogations suivantes partaient d'un instant postérieur à l'événement, ou de la même "
        "seconde sans l'inclure : l'intervalle demandé l'a sauté.",
        en="The polls that followed started after the event, or at its very second without including it: "
        "the window that was asked for jumped over it.",
    ),
    "walk": Text(
        fr="Des pages de résultats n'ont pas été suivies jusqu'à la dernière.",
        en="Pages of results were not followed to the last one.",
    ),
    "never_matched": Text(
        fr="Aucune des interrogations ne portait sur ce type de ressource.",
        en="None of the polls was about this type of resource.",
    ),
}


def losses(found: Sequence[Pair], requests: Sequence[Asked], faults: Sequence[Span]) -> tuple[Missed, ...]:
    """Return the reasons for which events were never delivered, the most frequent one first.

    ``faults`` are the spans of the journal, in seconds, in which a fault or its recovery lasted.
    """
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    unread = unfinished(requests)
    for pair in found:
        if pair.delivered is None:
            reasons[_reason(pair, requests, unread, faults)].append(pair.commit.reference)
    ranked = sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(Missed(reason, _WHY[reason], len(events), events[0]) for reason, events in ranked)


def _reason(pair: Pair, requests: Sequence[Asked], unread: Sequence[Asked], faults: Sequence[Span]) -> str:
    type_ = pair.commit.reference.partition("/")[0]
    later = [one for one in requests if one.is_poll and one.t > pair.commit.t]
    answered = [one for one in later if one.status == 200 and one.type in {type_, ""} and not one.fault]
    if not later:
        return "silence"
    if any(begins <= pair.commit.t < ends for begins, ends in faults):
        return "fault" if answered else "silence"
    if not answered:
        return "never_matched" if not any(one.type in {type_, ""} for one in later) else "silence"
    if any(one.t > pair.commit.t for one in unread):
        return "walk"
    return "window"
