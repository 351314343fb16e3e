"""``lab load compare A B``: whether a second run was slower than a first one, and by how much."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from lab.cli.console import err, language, out, say
from lab.cli.exit_codes import INCOMPLETE, USAGE
from lab.model.text import Text

if TYPE_CHECKING:
    from lab.certification.comparing import Compared

SLOWER = 1
First = Annotated[Path, typer.Argument(metavar="A", help="The folder of a run: the reference.")]
Second = Annotated[Path, typer.Argument(metavar="B", help="The folder of the run to compare with it.")]


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command("compare")(compare)


def compare(
    first: First,
    second: Second,
    *,
    smallest: Annotated[
        float, typer.Option(min=0.1, max=100, help="The smallest difference that matters, in per cent.")
    ] = 5,
) -> None:
    """Compare two runs: exit 0 when nothing is slower, 1 when something is, 5 when it cannot be said."""
    from lab.certification.comparing import ComparisonError, compare_runs  # noqa: PLC0415

    try:
        compared = compare_runs(first, second, smallest / 100)
    except ComparisonError as error:
        err.print(f"[bold red]✗[/] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(USAGE) from None
    _tell(compared)
    if compared.words & {"slower", "steeper"}:
        raise typer.Exit(SLOWER)
    raise typer.Exit(INCOMPLETE if "cannot be said" in compared.words else 0)


def tell_baseline(baseline: Mapping[str, Any]) -> None:
    """Print how a load stands beside an earlier one, as the run document says it."""
    tongue = language()
    out.print(f"\n{say(_BESIDE).format(baseline['run'], baseline['version'])}", soft_wrap=True, markup=False)
    if baseline["reason"]:
        out.print(f"[yellow]![/] {escape(baseline['reason'][tongue])}", soft_wrap=True)
        return
    table = _table()
    for one in baseline["changes"]:
        between = [f"{end:.3f}" if end is not None else "–" for end in (one["low"], one["high"])]
        _add(
            table,
            one["name"],
            (one["first"], one["second"]),
            (one["ratio"], between, one["effect"], one["word"]),
        )
    out.print(table)
    for note in baseline["notes"]:
        out.print(note[tongue], soft_wrap=True, markup=False)


def _table() -> Table:
    return Table("", "n A", "n B", "B / A", "95 %", say(_CHANCE), "", box=None, pad_edge=False)


def _add(
    table: Table, at: str, seen: tuple[int, int], said: tuple[float | None, list[str], float | None, str]
) -> None:
    """Add one thing compared: on how much, the ratio, its interval, the chance, the word."""
    ratio, between, effect, word = said
    figures = ["–"] * 3 if ratio is None else [f"{ratio:.3f}", " … ".join(between), f"{effect:.2f}"]
    table.add_row(at, *map(str, seen), *figures, say(_WORDS[word]))


def _tell(compared: "Compared") -> None:
    from lab.scaling.words import GROWTH  # noqa: PLC0415

    table = _table()
    for row in compared.rows:
        one = row.comparison
        said = (
            (None, [], None, "cannot be said")
            if one is None
            else (one.ratio, [f"{one.low:.3f}", f"{one.high:.3f}"], one.effect, one.word)
        )
        _add(table, row.at, (row.first, row.second), said)
    out.print(table)
    for route, two in compared.contrasts.items():
        slope = f"{two.difference:+.2f} [{two.low:+.2f} … {two.high:+.2f}]"
        classes = say(_CLASSES).format(say(GROWTH[two.first]), say(GROWTH[two.second]))
        out.print(
            f"{route}: {classes}; {say(_SLOPE)} {slope}: {say(_WORDS[two.word])}",
            soft_wrap=True,
            markup=False,
        )
    if not compared.contrasts:
        out.print(say(_ONE_EACH), soft_wrap=True)


_BESIDE = Text(
    fr="À côté de {}, version {} (A ; cet essai est B) :", en="Beside {}, version {} (A; this run is B):"
)
_CHANCE = Text(fr="P(B > A)", en="P(B > A)")
_CLASSES = Text(fr="{} ici, {} là", en="{} here, {} there")
_SLOPE = Text(fr="pente", en="slope")
_ONE_EACH = Text(
    fr="Une seule exécution de chaque : ce que la machine a fait autrement entre les deux est dans l'écart.",
    en="One run of each: what the machine did differently in between is within the difference.",
)
_WORDS = {
    "slower": Text(fr="plus lent", en="slower"),
    "faster": Text(fr="plus rapide", en="faster"),
    "steeper": Text(fr="plus raide", en="steeper"),
    "flatter": Text(fr="moins raide", en="flatter"),
    "no difference": Text(fr="pas de différence", en="no difference"),
    "cannot be said": Text(fr="on ne peut le dire", en="cannot be said"),
}
