"""``lab security mutants``: holes planted in the gateway, and the engines that fall into them."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from lab.cli.console import err, out, say
from lab.cli.exit_codes import USAGE
from lab.model.text import Text

if TYPE_CHECKING:
    from lab.proof.matrix import Row, Work
    from lab.proof.mutation import Mutant

NOT_PROVEN = 1
_TABLE = Path("docs/mutants.md")
_TITLE = """# The mutants of the gateway, and the engines that kill them

Made by `lab security mutants --table docs/mutants.md`. A number is that of the random request at which an
engine told the mutant from the sound gateway; `-` is not within 1,000, an empty cell that it was not asked.
*slanted* is the least number of the engines on worlds of one part of the promise. *fastest* names the engine
with the fewest requests and the part of its worlds: the test of these mutants asks there first. What each
engine compares is said in `docs/proof.md` and in `lab/proof/`.
"""


def mutants(  # noqa: PLR0913 - the options of a command
    *,
    level: Annotated[int, typer.Option(min=0, max=5, help="Only those of this level; 0: all.")] = 0,
    only: Annotated[list[str] | None, typer.Option(help="Only this mutant; repeatable.")] = None,
    engine: Annotated[
        list[str] | None, typer.Option(help="Only this engine (repeatable); default: every one.")
    ] = None,
    usual: Annotated[bool, typer.Option("--usual", help="Only engines that ask about its level.")] = False,
    first: Annotated[bool, typer.Option("--first", help="End each mutant at its first kill.")] = False,
    requests: Annotated[int, typer.Option(min=1, max=1000, help="At most so many per engine.")] = 1000,
    seed: Annotated[str, typer.Option(help="The same seed asks the same requests of the same worlds.")] = "m",
    processes: Annotated[int, typer.Option(min=1, max=64, help="How many processes try.")] = 1,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write the trials to this file.")] = None,
    table: Annotated[Path | None, typer.Option(help="Write the table to this Markdown file.")] = None,
) -> None:
    """Open each hole in turn: every one is noticed within 1,000 requests, the sound gateway by none."""
    from lab.bundled import NotBundledError  # noqa: PLC0415
    from lab.proof.matrix import Work, engines_of, recorded, run, table_of  # noqa: PLC0415
    from lab.proof.mutation import gateway_mutants  # noqa: PLC0415
    from lab.proof.trial import ENGINES  # noqa: PLC0415

    try:
        every = gateway_mutants()
    except NotBundledError as error:
        err.print(f"[bold red]✗[/] {error}", soft_wrap=True)
        raise typer.Exit(USAGE) from None
    chosen = [m for m in every if level in {0, m.level} and (not only or m.name in only)]
    _check("--only", only or [], [m.name for m in every])
    _check("--engine", engine or [], list(ENGINES))
    known = recorded(_TABLE)

    def asked(mutant: "Mutant") -> tuple[str, ...]:
        pool = engines_of(mutant.level) if usual else tuple(ENGINES)
        return tuple(name for name in pool if not engine or name in engine)

    used = [name for name in ENGINES if any(name in asked(mutant) for mutant in chosen)]
    works = [Work(None, (name,), seed, requests) for name in used]
    works += [Work(m.name, asked(m), seed, requests, first, known.get(m.name)) for m in chosen]
    begun = time.monotonic()
    rows = run(works, processes, lambda row: _tell(row, begun))
    _show(chosen, rows, used)
    if as_json is not None:
        as_json.write_text(json.dumps([_plain(row) for row in rows], indent=2) + "\n")
    if table is not None:
        lines = "\n".join(table_of(chosen, rows))
        table.write_text(f"{_TITLE}\n{_counted(chosen, rows)}\n\n{lines}\n", encoding="utf-8")
    raise typer.Exit(0 if _proven(works, rows) else NOT_PROVEN)


def _check(option: str, given: list[str], known: list[str]) -> None:
    for value in given:
        if value not in known:
            text = Text(
                fr=f"{option} vaut {value} : attendu l'un de {', '.join(known)}.",
                en=f"{option} is {value}: expected one of {', '.join(known)}.",
            )
            err.print(f"[bold red]✗[/] {say(text)}", soft_wrap=True)
            raise typer.Exit(USAGE)


def _proven(works: "list[Work]", rows: "list[Row]") -> bool:
    return len(rows) == len(works) and all(row.killed == (row.name is not None) for row in rows)


def _tell(row: "Row", begun: float) -> None:
    name = row.name or say(Text(fr="la passerelle saine", en="the sound gateway"))
    trials = ", ".join(f"{one.engine} {one.killed or '-'}" for one in row.trials)
    err.print(f"{time.monotonic() - begun:6.0f} s  {name}: {trials}", soft_wrap=True, markup=False)


def _show(chosen: "list[Mutant]", rows: "list[Row]", used: list[str]) -> None:
    by_name = {row.name: row for row in rows if row.name is not None}
    heads = (Text(fr="niveau", en="level"), Text(fr="mutant", en="mutant"), Text(fr="défaut", en="flaw"))
    table = Table(*(say(head) for head in heads), *used, box=None, pad_edge=False)
    for mutant in chosen:
        row = by_name.get(mutant.name)
        if row is None:
            continue
        cells = {one.engine: str(one.killed or "-") for one in row.trials}
        name = mutant.name if row.killed else f"[bold red]✗ {mutant.name}[/]"
        table.add_row(str(mutant.level), name, escape(mutant.flaw), *(cells.get(e, "") for e in used))
    out.print(table)
    for row in rows:
        for one in row.trials if row.name is None else ():
            if one.killed:
                at = f"{one.engine}, {one.killed}: {one.where}"
                told = Text(
                    fr=f"✗ La passerelle saine diffère : {at}", en=f"✗ The sound gateway differs: {at}"
                )
                out.print(say(told), soft_wrap=True, markup=False)
    dead = sum(row.killed for row in by_name.values())
    told = Text(fr=f"{dead} mutants tués sur {len(chosen)}.", en=f"{dead} of {len(chosen)} mutants killed.")
    out.print(say(told))


def _counted(chosen: "list[Mutant]", rows: "list[Row]") -> str:
    dead = {row.name for row in rows if row.name is not None and row.killed}
    of_level = {n: [m.name for m in chosen if m.level == n] for n in range(1, 6)}
    levels = ", ".join(f"level {n}: {len(dead & set(of))} of {len(of)}" for n, of in of_level.items())
    return f"Killed: {len(dead)} of {len(chosen)} ({levels})."


def _plain(row: "Row") -> dict[str, object]:
    trials = {one.engine: {"killed": one.killed, "part": one.part, "where": one.where} for one in row.trials}
    return {"mutant": row.name, "engines": trials}
