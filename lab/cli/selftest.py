"""``lab selftest``: the matrix of checks against mutants."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from lab.cli.console import err, out

NOT_PROVEN, USAGE = 1, 2


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("selftest")(selftest)


def selftest(
    seed: Annotated[int, typer.Option(help="The seed of data and acts.")] = 2023,
    check: Annotated[
        list[str] | None, typer.Option(help="Only the mutants of this check (repeatable).")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=8, help="Trials at the same time.")] = 2,
) -> None:
    """Prove that each check can fail: every mutant is noticed by its check, the unbroken pair by none."""
    from lab.bundled import NotBundledError, mutants  # noqa: PLC0415
    from lab.selftest.matrix import run_matrix  # noqa: PLC0415
    from lab.selftest.mutant import MutantError, find_mutants  # noqa: PLC0415

    try:
        found = find_mutants(mutants())
    except (NotBundledError, MutantError) as error:
        err.print(f"[bold red]✗[/] {error}", soft_wrap=True)
        raise typer.Exit(USAGE) from None
    wanted = tuple(m for m in found if not check or m.killed_by in check)
    matrix = run_matrix(
        wanted,
        seed,
        jobs,
        lambda line: err.print(line, soft_wrap=True, markup=False),
        whole=not check,
    )
    table = Table("mutant", "flaw", "expected", "killed", "also noticed by", box=None, pad_edge=False)
    for row in matrix.rows:
        killed = "[green]✔[/]" if row.killed else "[bold red]✗[/]"
        table.add_row(
            row.mutant.name, escape(row.mutant.flaw), row.mutant.killed_by, killed, ", ".join(row.others)
        )
    out.print(table)
    for line in matrix.complaints:
        out.print(f"✗ {line}", soft_wrap=True, markup=False)
    dead = sum(row.killed for row in matrix.rows)
    out.print(f"{dead} of {len(matrix.rows)} mutants killed; {len(matrix.complaints)} complaints.")
    raise typer.Exit(0 if matrix.proven else NOT_PROVEN)
