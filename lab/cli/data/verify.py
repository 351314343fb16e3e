"""``lab data verify``: read every byte of a folder again and say what is wrong with it."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from lab.cli.console import out, say
from lab.cli.data.failing import one_sentence, refuse
from lab.cli.data.progress import bar
from lab.model.text import Text

if TYPE_CHECKING:
    from synthetic_data.verification.report import Conclusion, VerificationReport

FAILED = 1
_VALIDATOR = "lab.validation.bulk:wrongs"
_SIGNS = {"ok": "[green]✔[/]", "failed": "[bold red]✗[/]", "not applicable": "[dim]–[/]"}
_SHOWN = 5


def verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of `lab data generate`.")],
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="Processes [as many as cores].")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole report as JSON.")] = False,
) -> None:
    """Verify all of a hospital: exit 0 when no check fails, 1 when one does."""
    from synthetic_data.folder.manifest import read_manifest  # noqa: PLC0415
    from synthetic_data.verification import FolderError  # noqa: PLC0415
    from synthetic_data.verification import verify as read_again  # noqa: PLC0415

    with one_sentence():
        read_manifest(folder)
    with one_sentence(), bar() as shown:
        task = shown.add_task(say(Text(fr="Parties lues", en="Parts read")), total=None)
        try:
            report = read_again(
                folder,
                workers=workers or os.cpu_count() or 1,
                validator=_VALIDATOR,
                progress=lambda done, total: shown.update(task, completed=done, total=total),
            )
        except FolderError as error:  # a manifest that is none
            said = Text(fr=f"Dossier illisible : {error}.", en=f"Unreadable folder: {error}.")
            raise refuse(said) from None
    if as_json:
        typer.echo(report.to_json().decode(), nl=False)
    else:
        _show(report)
    raise typer.Exit(0 if report.ok else FAILED)


def _show(report: "VerificationReport") -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(no_wrap=True)
    table.add_column()
    for one in report.conclusions:
        numbers = ", ".join(f"{name} {_number(value)}" for name, value in one.numbers.items())
        table.add_row(_SIGNS[one.outcome], one.check, escape(numbers or one.about))
    out.print(table)
    for one in report.conclusions:
        _explain(one)
    seconds, size = report.seconds["total"], report.content_bytes / 1e9
    read = Text(
        fr=f"{report.resources:,} ressources, {size:.2f} Go lus en entier en {seconds:.1f} s.",
        en=f"{report.resources:,} resources, {size:.2f} GB read in full in {seconds:.1f} s.",
    )
    out.print(say(read), soft_wrap=True)


def _explain(one: "Conclusion") -> None:
    for note in one.notes:
        out.print(f"  [dim]{one.check}[/] {escape(note)}", soft_wrap=True)
    for defect in one.examples[:_SHOWN]:
        where = " ".join(filter(None, (defect.file, defect.example_id)))
        expected, seen, times = defect.expected, defect.seen, f"{defect.count:,}"
        said = Text(
            fr=f"{defect.what} : attendu {expected}, vu {seen} ({where}, {times} fois)",
            en=f"{defect.what}: expected {expected}, seen {seen} ({where}, {times} times)",
        )
        out.print(f"  [bold red]✗[/] {one.check} — {escape(say(said))}", soft_wrap=True)


def _number(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
