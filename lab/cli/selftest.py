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
    security: Annotated[
        bool, typer.Option("--security", help="The zoo of vendor applications: probe x variant.")
    ] = False,
    variant: Annotated[
        list[str] | None, typer.Option(help="With --security, only this variant (repeatable).")
    ] = None,
    alone: Annotated[
        bool,
        typer.Option(
            "--alone",
            help="Run on each mutant only the check that must notice it; with --security, only --check.",
        ),
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, max=8, help="Trials at the same time.")] = 2,
) -> None:
    """Prove that each check can fail: every mutant is noticed by its check, the unbroken pair by none."""
    if security or variant:
        raise typer.Exit(_zoo(seed, check or [], variant or [], jobs, alone=alone))
    from lab.bundled import NotBundledError, mutants  # noqa: PLC0415
    from lab.selftest.matrix import run_matrix  # noqa: PLC0415
    from lab.selftest.mutant import MutantError, find_mutants  # noqa: PLC0415

    try:
        found = find_mutants(mutants())
    except (NotBundledError, MutantError) as error:
        err.print(f"[bold red]✗[/] {error}", soft_wrap=True)
        raise typer.Exit(USAGE) from None
    programs = (mutant for mutant in found if mutant.kind != "vendors")
    wanted = tuple(m for m in programs if not check or m.killed_by in check)
    matrix = run_matrix(
        wanted,
        seed,
        jobs,
        lambda line: err.print(line, soft_wrap=True, markup=False),
        whole=not check,
        alone=alone,
        elsewhere=frozenset(m.killed_by for m in found if m.kind == "vendors"),
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


def _zoo(seed: int, checks: list[str], variants: list[str], jobs: int, *, alone: bool) -> int:
    """Judge the variants of the sound vendor; print probe x variant, precision and recall."""
    from lab.bundled import NotBundledError, mutants  # noqa: PLC0415
    from lab.selftest.mutant import MutantError, find_mutants  # noqa: PLC0415
    from lab.selftest.zoo import run_zoo  # noqa: PLC0415

    try:
        found = [mutant for mutant in find_mutants(mutants()) if mutant.kind == "vendors"]
    except (NotBundledError, MutantError) as error:
        err.print(f"[bold red]✗[/] {error}", soft_wrap=True)
        return USAGE
    wanted = [m for m in found if not (checks or variants) or m.killed_by in checks or m.name in variants]
    if not wanted:
        err.print("[bold red]✗[/] No such variant: see tests/mutants/vendors/.")
        return USAGE
    only = frozenset(checks) if alone else frozenset[str]()
    zoo = run_zoo(wanted, seed, jobs, lambda line: err.print(line, soft_wrap=True, markup=False), only)
    table = Table("variant", "flaw", "probe", "named", "wrongly accused by", box=None, pad_edge=False)
    for verdict in zoo.verdicts:
        named = "[green]✔[/]" if verdict.killed else "[bold red]✗[/]"
        also = f" (+{', '.join(verdict.mutant.also)})" if verdict.mutant.also else ""
        probe = f"{verdict.mutant.killed_by}{also}"
        table.add_row(
            verdict.mutant.name, escape(verdict.mutant.flaw), probe, named, ", ".join(verdict.strays)
        )
    out.print(table)
    for line in zoo.complaints:
        out.print(f"✗ {line}", soft_wrap=True, markup=False)
    out.print(
        f"{len(zoo.verdicts)} variants: recall {zoo.recall:.3f}, precision {zoo.precision:.3f}; "
        f"{len(zoo.complaints)} complaints."
    )
    return 0 if zoo.proven else NOT_PROVEN
