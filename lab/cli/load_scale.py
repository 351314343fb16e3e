"""``lab load scale APP.toml``: how an application grows with its patients and with its callers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from lab.cli.certify import Live, Manifest, Out, Seed, summary
from lab.cli.console import err, language, out, say
from lab.cli.exit_codes import USAGE
from lab.model.text import Text
from lab.model.words import Growth

if TYPE_CHECKING:
    from lab.certification.folder import RunFolder
    from lab.scaling.plan import ScalePlan

_CLASSES = [growth for growth in Growth if growth is not Growth.INDETERMINATE]


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command("scale")(scale)


def scale(  # noqa: PLR0913 - the options of a command line
    manifest: Manifest,
    *,
    sizes: Annotated[str, typer.Option(help="Sizes in patients, rising.")] = "125,250,500,1000,2000",
    concurrency: Annotated[str, typer.Option(help="Callers at once, rising.")] = "1,2,4,8,16",
    repetitions: Annotated[int, typer.Option(help="Repetitions of every cell, the warm-up aside.")] = 5,
    most_repetitions: Annotated[
        int, typer.Option(help="How many at most, while a class is not known or the machine is not steady.")
    ] = 15,
    at_most: Annotated[Growth, typer.Option(help="The steepest growth that conforms.")] = Growth.LINEAR,
    cell: Annotated[float, typer.Option(min=0.05, max=60, help="Seconds of one cell at most.")] = 0.5,
    out_: Out = Path("runs"),
    seed: Seed = 2023,
) -> None:
    """Measure how an application grows with its patients and with its callers, and judge that alone."""
    from lab.certification.growable import refusal  # noqa: PLC0415
    from lab.load.error import LoadError  # noqa: PLC0415
    from lab.manifest import ManifestError, read_manifest  # noqa: PLC0415
    from lab.scaling.plan import ScalePlan  # noqa: PLC0415

    try:
        subject = read_manifest(manifest)
        plan = ScalePlan(
            sizes=_numbers("--sizes", sizes),
            concurrencies=_numbers("--concurrency", concurrency),
            repetitions=repetitions,
            most_repetitions=max(most_repetitions, repetitions),
            cell_s=cell,
            seed=seed,
            at_most=_class(at_most),
        )
        _refuse(refusal(subject))
    except (ManifestError, LoadError) as error:
        err.print(f"[bold red]✗[/] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(USAGE) from None
    from lab.certification.scaling import Asked  # noqa: PLC0415 - scipy is slow to come
    from lab.certification.scaling import scale as measure  # noqa: PLC0415

    with Live() as live:
        folder = measure(subject, plan, Asked(out_, _command(manifest, plan)), live)
    _tell(folder)
    raise typer.Exit(summary(folder))


def _refuse(reason: str | None) -> None:
    from lab.load.error import LoadError  # noqa: PLC0415

    if reason is not None:
        raise LoadError(reason)


def _numbers(option: str, text: str) -> tuple[int, ...]:
    from lab.load.error import LoadError  # noqa: PLC0415

    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        message = f"{option} is whole numbers separated by commas, such as 1,2,4, not {text!r}."
        raise LoadError(message) from None


def _class(growth: Growth) -> Growth:
    _refuse(None if growth in _CLASSES else f"--at-most is one of {', '.join(_CLASSES)}, not {growth}.")
    return growth


def _command(manifest: Path, plan: "ScalePlan") -> str:
    sizes, callers = (",".join(map(str, numbers)) for numbers in (plan.sizes, plan.concurrencies))
    return (
        f"lab load scale {manifest.name} --sizes {sizes} --concurrency {callers} "
        f"--repetitions {plan.repetitions} --most-repetitions {plan.most_repetitions} "
        f"--at-most {plan.at_most} --cell {plan.cell_s:g} --seed {plan.seed}"
    )


def _tell(folder: "RunFolder") -> None:
    """Print the laws of each interaction."""
    from lab.certification.document import read  # noqa: PLC0415

    for result in read(folder.document)["scaling"]:
        out.print(f"\n[bold]{result['title'][language()]}[/]")
        drift = "–" if result["drift"] is None else f"{100 * result['drift']:.0f} %"
        out.print(
            say(_HOW).format(result["repetitions"], result["counted"], result["disturbed"], drift),
            soft_wrap=True,
            markup=False,
        )
        if not result["interleaved"]:
            out.print(say(_IN_PLACE), soft_wrap=True, markup=False)
        table = Table("", *map(say, _COLUMNS), box=None, pad_edge=False)
        for one in result["interactions"]:
            table.add_row(*_row(one))
        out.print(table)
        told = {_english(result["invalid_reason"])}  # the verdict says it
        for one in result["interactions"]:
            for reason in filter(None, (one["invalid_reason"], one["concurrency_reason"])):
                if _english(reason) not in told:
                    out.print(f"  {one['name']}: {reason[language()]}", soft_wrap=True, markup=False)
                told.add(_english(reason))


def _english(text: dict[str, str] | None) -> str:
    return text["en"] if text else ""


def _row(one: dict[str, Any]) -> list[str]:
    """Return the cells of one interaction."""
    from lab.scaling.words import GROWTH  # noqa: PLC0415

    law, usl = one["law"], one["concurrency"]
    slope = f"{law['slope']:.2f} {escape('[')}{law['low']:.2f} … {law['high']:.2f}]" if law else "–"
    if one["invalid_reason"] is not None:
        word = say(_INVALID)
    elif law is None:
        word = "–"
    else:
        words = [say(GROWTH[Growth(law[end])]) for end in ("least", "most")]
        word = (
            words[0] if words[0] == words[1] else f"{say(GROWTH[Growth.INDETERMINATE])} ({' … '.join(words)})"
        )
    sign = {True: "[green]✔[/]", False: "[bold red]✗[/]", None: "[yellow]◐[/]"}[one["meets"]]
    last = [f"{one['sizes'][end]['p50']:.2f}" for end in (0, -1)] if one["sizes"] else ["–", "–"]
    shares = [
        f"{usl[name]:.3f} {escape('[')}{usl[name + '_low']:.3f} … {usl[name + '_high']:.3f}]" if usl else "–"
        for name in ("contention", "coherency")
    ]
    knee = str(usl["knee"] or "–") if usl else "–"
    return [f"{sign} {one['name']}", word, slope, *last, *shares, knee]


_HOW = Text(
    fr="{} répétitions : {} mesures comptées, {} écartées, dérive du témoin {}",
    en="{} repetitions: {} measurements counted, {} left out, drift of the control {}",
)
_IN_PLACE = Text(
    fr="L'application a grandi sur place : les tailles n'ont pas été entrelacées, et ce qui vient du temps "
    "(caches, index, autres utilisateurs) ne se distingue pas de ce qui vient de la taille.",
    en="The application grew in place: sizes were not interleaved, and what comes with time (caches, "
    "indexes, other users) cannot be told from what comes from size.",
)
_INVALID = Text(fr="invalide", en="invalid")
_COLUMNS = (
    Text(fr="croissance", en="growth"),
    Text(fr="pente à 95 %", en="slope at 95 %"),
    Text(fr="p50 ms, plus petite", en="p50 ms, smallest"),
    Text(fr="plus grande taille", en="largest size"),
    Text(fr="contention s", en="contention s"),
    Text(fr="cohérence k", en="coherency k"),
    Text(fr="genou", en="knee"),
)
