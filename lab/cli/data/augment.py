"""``lab data augment``: many artificial patients from a small cohort, and what they are worth."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from lab.cli.console import err, language, out, say
from lab.cli.exit_codes import USAGE
from lab.model.text import Text

if TYPE_CHECKING:
    from synthetic_data.augmentation import Cohort, Report


def augment(
    cohort: Annotated[Path, typer.Option(help="Folder that holds cohort.csv (and columns.csv).")],
    rows: Annotated[int, typer.Option(help="How many artificial patients to write.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Same seed, same cohort: same rows.")] = 2023,
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="New or empty folder for the results [COHORT-augmented].")
    ] = None,
    target: Annotated[str | None, typer.Option(help="Column whose prediction is tested.")] = None,
) -> None:
    """Make artificial patients from a cohort and measure them; exit 0 when privacy and fidelity both hold."""
    # One thread, whatever the machine: sums in one order, and no core waiting for another on small
    # matrices. It has to be said before numpy is loaded.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from synthetic_data.augmentation import Refusal, Request, augment_cohort  # noqa: PLC0415

    folder = out_folder or cohort.absolute().with_name(f"{cohort.absolute().name}-augmented")
    request = Request(cohort, folder, rows, seed, target, language())
    try:
        report = augment_cohort(request, _print_kinds)
    except Refusal as refusal:
        sentence = say(Text(refusal.sentence.fr, refusal.sentence.en))
        err.print(f"[bold red]✗[/] {escape(sentence)}", soft_wrap=True)
        raise typer.Exit(USAGE) from None
    _print_report(report)
    out.print(escape(str(folder)), soft_wrap=True)
    raise typer.Exit(report.exit_code)


def _print_kinds(cohort: "Cohort") -> None:
    kinds = ", ".join(f"{one.name} {one.kind}" for one in cohort.table.columns if one.name in cohort.inferred)
    if kinds:
        title = say(Text("Types déduits (columns.csv les fixe) :", "Kinds inferred (columns.csv sets them):"))
        out.print(f"[dim]{title}[/] {escape(kinds)}", soft_wrap=True)


def _print_report(report: "Report") -> None:
    from synthetic_data.augmentation.report.tables import facts, grids  # noqa: PLC0415

    out.print(escape(facts(report, language())), soft_wrap=True)
    for grid in grids(report, language()):
        table = Table(*grid.header, title=grid.title, title_justify="left", box=None, pad_edge=False)
        for row in grid.rows:
            table.add_row(*(escape(cell) for cell in row))
        out.print()
        out.print(table)
    out.print()
    colour = {0: "green", 1: "red"}.get(report.exit_code, "yellow")
    sentence = say(Text(report.verdict.fr, report.verdict.en))
    out.print(f"[bold {colour}]{escape(sentence)}[/]", soft_wrap=True)
