"""``lab requirements coverage``: each requirement, the checks that verify it, or why none does."""

import csv
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from lab.cli.console import err, out
from lab.cli.exit_codes import NOT_COVERED, USAGE

if TYPE_CHECKING:
    from lab.requirements.coverage import Covered


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="The requirements that checks verify.", no_args_is_help=True)
    group.command("coverage")(show)
    group.callback()(_group)  # so that one command stays a command of its group
    app.add_typer(group, name="requirements")


def _group() -> None:
    """Name the sets of requirements and what is tested of them."""


def show(
    sets: Annotated[list[str] | None, typer.Option("--set", help="Only this set (repeatable).")] = None,
    untested: Annotated[bool, typer.Option("--untested", help="Only those without a check.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Print requirement -> checks; exit 1 when a SHALL has neither a check nor a reason."""
    from lab.engine.catalogue import catalogue  # noqa: PLC0415
    from lab.requirements.coverage import coverage  # noqa: PLC0415
    from lab.requirements.load import requirements  # noqa: PLC0415

    every = coverage(requirements(), catalogue().values())
    known = dict.fromkeys(one.set for one in every)
    unknown = [name for name in sets or () if name not in known]
    if unknown:
        err.print(f"[bold red]✗[/] No set {unknown[0]!r}: the sets are {', '.join(known)}.", soft_wrap=True)
        raise typer.Exit(USAGE)
    chosen = [one for one in every if not sets or one.set in sets]
    rows = [one for one in chosen if not (untested and one.checks)]
    if as_csv:
        _print_csv(rows)
    else:
        _print_tables(rows, chosen)
    owed = [one for one in chosen if one.owed]
    for one in owed:
        err.print(f"✗ {one.requirement.id}: a SHALL with neither a check nor a reason", markup=False)
    raise typer.Exit(NOT_COVERED if owed else 0)


def _print_csv(rows: Sequence["Covered"]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("Requirement", "Conformance", "Checks", "Not Tested Reason", "URL"))
    for one in rows:
        own, reason = one.requirement, "" if one.checks else one.requirement.not_tested_reason
        writer.writerow((own.id, own.expectation, " ".join(one.checks), reason, own.url))


def _print_tables(rows: Sequence["Covered"], chosen: Sequence["Covered"]) -> None:
    from lab.requirements.coverage import totals  # noqa: PLC0415

    table = Table("requirement", "", "checks, or why none", box=None, pad_edge=False)
    for one in rows:
        own = one.requirement
        shown = ", ".join(one.checks) or own.not_tested_reason or "✗ none"
        table.add_row(own.id, own.expectation, shown)
    out.print(table)
    sums = Table("set", "requirements", "tested", "explained", "owed", box=None, pad_edge=False)
    for total in totals(chosen):
        counts = (total.requirements, total.tested, total.reasoned, total.owed)
        sums.add_row(total.set, *map(str, counts))
    out.print()
    out.print(sums)
