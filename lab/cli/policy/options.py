"""What the commands about policies share: their options, and how a Permission is compiled or refused."""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from lab.cli.console import err, out, say
from lab.cli.exit_codes import USAGE
from lab.model.text import Text

if TYPE_CHECKING:
    from lab.fhir.permission.reading import Resources
    from lab.fhir.permission.refusal import Refusal
    from lab.fhir.policy import Policy

LanguageOption = Annotated[str, typer.Option("--lang", help="fr or en; that of the environment otherwise.")]
LibraryOption = Annotated[
    Path | None, typer.Option("--library", help="Folder of the Location and Permission that it names.")
]
DayOption = Annotated[str, typer.Option("--date", help="The day to decide on (YYYY-MM-DD) [today].")]


def speak(lang: str) -> None:
    """Speak the language that was asked for.

    Raises:
        typer.Exit: the laboratory does not speak it.
    """
    if lang not in {"", "fr", "en"}:
        raise usage(Text(f"--lang {lang} : attendu fr ou en.", f"--lang {lang}: expected fr or en."))
    if lang:
        os.environ["LAB_LANG"] = lang


def day_of(day: str) -> date:
    """Return the day to decide on.

    Raises:
        typer.Exit: it is no date.
    """
    try:
        return date.fromisoformat(day) if day else datetime.now(UTC).date()
    except ValueError:
        raise usage(
            Text(f"--date {day} : attendu AAAA-MM-JJ.", f"--date {day}: expected YYYY-MM-DD.")
        ) from None


def usage(text: Text) -> typer.Exit:
    """Print what cannot be used, and return the exit."""
    err.print(f"[bold red]✗[/] {escape(say(text))}", soft_wrap=True)
    return typer.Exit(USAGE)


def compiled(
    file: Path,
    source: dict[str, Any],
    client_id: str,
    library: Path | None,
    known: "Resources" = MappingProxyType({}),
) -> "Policy":
    """Compile a Permission; its library is that folder, or else the resources known already.

    Raises:
        typer.Exit: it is refused, or its library cannot be read; the reasons are printed.
    """
    from lab.fhir.permission import compile_permission  # noqa: PLC0415
    from lab.fhir.permission.refusal import PermissionRefusedError  # noqa: PLC0415
    from lab.policy.reading import PolicyFileError, read_library  # noqa: PLC0415

    try:
        return compile_permission(source, client_id, known if library is None else read_library(library))
    except PolicyFileError as error:
        raise usage(error.text) from None
    except PermissionRefusedError as error:
        _print_refusals(file, error.refusals)
        raise typer.Exit(USAGE) from None


def _print_refusals(file: Path, refusals: "tuple[Refusal, ...]") -> None:
    count = len(refusals)
    head = Text(f"refusée, {count} correction(s) à faire :", f"refused, {count} correction(s) to make:")
    out.print(f"[bold red]✗[/] [bold]{escape(file.name)}[/] {say(head)}", soft_wrap=True)
    for refusal in refusals:
        out.print(f"  ✗ {refusal.where}: {say(refusal.text)}", soft_wrap=True, markup=False)
