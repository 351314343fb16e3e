"""Why figures cannot be trusted, in one sentence each: a doubtful measurement, or wrong answers."""

from collections import Counter
from collections.abc import Sequence

from lab.model.text import Text
from lab.scaling.cell import Measured
from lab.scaling.little import HIGHEST, LOWEST
from lab.scaling.plan import Limits

_HALF = 0.5  # of the growth announced: a cohort does not grow exactly as its hospital


def of_answers(cells: Sequence[Measured], limits: Limits) -> Text | None:
    """Return why the answers of a route are not to be timed: too many are wrong, or there is none."""
    right = sum(len(cell.service_us) for cell in cells)
    wrong: Counter[str] = Counter()
    for cell in cells:
        wrong.update(cell.wrong)
    asked = right + wrong.total()
    if not asked:
        return Text(fr="Rien n'a été mesuré.", en="Nothing was measured.")
    if wrong.total() <= limits.errors * asked:
        return None
    reason, _ = wrong.most_common(1)[0]
    share = 100 * wrong.total() / asked
    return Text(
        fr=f"{_decimal(share)} % de réponses fausses (0,1 % admis), le plus souvent « {reason} » : une "
        "réponse fausse n'est pas chronométrée.",
        en=f"{share:.1f} % of wrong answers (0.1 % allowed), most often “{reason}”: a wrong answer is not "
        "timed.",
    )


def of_generator(cpu: float, limits: Limits) -> Text | None:
    """Return why the generator may have been what was measured, from its share of a core."""
    if cpu <= limits.cpu:
        return None
    return Text(
        fr=f"Le générateur occupait {100 * cpu:.0f} % de son cœur ({100 * limits.cpu:.0f} % admis) : il se "
        "mesurait lui-même.",
        en=f"The generator used {100 * cpu:.0f} % of its core ({100 * limits.cpu:.0f} % allowed): it "
        "measured itself.",
    )


def of_little(ratio: float) -> Text | None:
    """Return why throughput and latency do not belong together."""
    if LOWEST <= ratio <= HIGHEST:
        return None
    return Text(
        fr=f"La loi de Little n'est pas respectée (rapport {_decimal(ratio, 2)}, entre 0,9 et 1,1 attendu) : "
        "le générateur n'envoyait pas ce qu'il annonce.",
        en=f"Little's law does not hold (ratio {ratio:.2f}, between 0.9 and 1.1 expected): the generator did "
        "not send what it says.",
    )


def of_levels(used: int, fewest: int) -> Text:
    """Return why there are too few concurrencies for a law."""
    return Text(
        fr=f"{used} niveau(x) de concurrence mesuré(s) : il en faut {fewest} pour une loi.",
        en=f"{used} concurrency level(s) measured: a law needs {fewest}.",
    )


def of_fit() -> Text:
    """Return why there is no law although there are points."""
    return Text(
        fr="Aucune loi universelle de passage à l'échelle ne s'ajuste aux débits mesurés.",
        en="No Universal Scalability Law fits the throughputs measured.",
    )


def of_repetitions(counted: int, disturbed: int, fewest: int, drift: float) -> Text | None:
    """Return why some cell counts too few times."""
    if counted >= fewest:
        return None
    if not disturbed:
        return Text(
            fr=f"La mesure s'est arrêtée avant sa fin : un point compte {counted} fois, il en faut {fewest}.",
            en=f"The measurement stopped before its end: one point counts {counted} times, {fewest} needed.",
        )
    return Text(
        fr=f"La machine n'était pas stable : {disturbed} mesures écartées parce que le témoin, à côté, était "
        f"plus lent de {100 * drift:.0f} % ; un point compte {counted} fois, il en faut {fewest}. "
        "Recommencer sur une machine au repos, ou augmenter --most-repetitions.",
        en=f"The machine was not steady: {disturbed} measurements left out because the control beside them "
        f"was {100 * drift:.0f} % slower; one point counts {counted} times, {fewest} are needed. Run "
        "again on a quiet machine, or raise --most-repetitions.",
    )


def of_sizes(sizes: Sequence[int], held: Sequence[int], *, in_place: bool = False) -> Text | None:
    """Return why the application was not of the sizes announced: the largest holds too little more.

    One that was grown in place must have held little before: sizes are what the laboratory added.
    """
    known = [(size, count) for size, count in zip(sizes, held, strict=False) if count >= 0]
    if not known:
        return None
    (small, few), (large, many) = known[0], known[-1]
    if in_place and few - small > _HALF * small:
        return Text(
            fr=f"L'application déclare {few} patients après en avoir reçu {small} : ce qu'elle tenait déjà "
            "l'emporte, et les tailles n'en seraient pas. La vider, ou demander de plus grandes tailles "
            "(--sizes).",
            en=f"The application says that it holds {few} patients after it was given {small}: what it held "
            "before outweighs what is added, and sizes would be none. Empty it, or ask for larger sizes "
            "(--sizes).",
        )
    if len(known) == 1 or (many * small >= _HALF * large * few and many > few):
        return None
    if in_place:
        return Text(
            fr=f"L'application déclare {few} patients après en avoir reçu {small}, et {many} après {large} : "
            "elle n'a pas gardé ce qui lui a été donné.",
            en=f"The application says that it holds {few} patients after it was given {small}, and {many} "
            f"after {large}: it did not keep what it was given.",
        )
    return Text(
        fr=f"L'instance de {large} patients en déclare {many}, celle de {small} en déclare {few} : les "
        "instances partagent leurs données, ou ne sont pas remplies. Donner à chacune son stockage "
        "avec {scratch} dans start.",
        en=f"The instance of {large} patients says that it holds {many}, that of {small} says {few}: the "
        "instances share their data, or are not filled. Give each its own storage with {scratch} in start.",
    )


def _decimal(value: float, digits: int = 1) -> str:
    """A number, in French."""
    return f"{value:.{digits}f}".replace(".", ",")
