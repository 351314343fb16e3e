"""``lab checks list`` and ``lab checks show``: the catalogue."""

import dataclasses
import json
from typing import Annotated

import typer
from rich.table import Table

from lab.cli.console import err, out, say
from lab.cli.exit_codes import USAGE


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="The catalogue of checks and probes.", no_args_is_help=True)
    group.command("list")(list_)
    group.command("show")(show)
    app.add_typer(group, name="checks")


def list_(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List every check."""
    from lab.engine.catalogue import catalogue  # noqa: PLC0415

    if as_json:
        cards = [dataclasses.asdict(card) for card in catalogue().values()]
        out.print_json(json.dumps(cards, ensure_ascii=False))
        return
    table = Table("id", "", "", "", "", box=None, pad_edge=False)
    for card in catalogue().values():
        level = f"L{card.level}" if card.level else ""
        table.add_row(card.id, card.expectation, card.severity, level, say(card.title))
    out.print(table)


def show(id_: Annotated[str, typer.Argument(metavar="ID", help="The id of a check.")]) -> None:
    """Show one check: what it verifies, what its failure means, how to mend it."""
    from lab.engine.catalogue import catalogue  # noqa: PLC0415
    from lab.requirements.load import requirements  # noqa: PLC0415

    card = catalogue().get(id_)
    if card is None:
        err.print(f"[bold red]✗[/] No check {id_!r}: see `lab checks list`.")
        raise typer.Exit(USAGE)
    level = f" · level {card.level}" if card.level else ""
    out.print(f"[bold]{card.id}[/] {say(card.title)}")
    out.print(f"{card.role} · {card.suite} · {card.expectation} · {card.severity}{level}")
    out.print(f"✗ {say(card.failure)}\n→ {say(card.remedy)}", soft_wrap=True, markup=False)
    for requirement_id in card.requirements:
        requirement = requirements().get(requirement_id)
        text = f"{requirement.expectation}: {requirement.text} {requirement.url}" if requirement else ""
        out.print(f"  {requirement_id} {text}", soft_wrap=True, markup=False)
