"""``lab data describe``: what a hospital folder holds, in the terminal and as one page."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from lab.cli.console import out, say
from lab.cli.data.failing import one_sentence, refuse
from lab.cli.data.progress import bar as progress_bar
from lab.model.text import Text

if TYPE_CHECKING:
    from synthetic_data.description.bilingual import Both
    from synthetic_data.description.portrait import Portrait
    from synthetic_data.description.portraits.comparison import Comparison

_WIDTH = 26
_COUNTED, _EXPECTED = Text(fr="compté", en="counted"), Text(fr="attendu", en="expected")


def describe(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of `lab data generate`.")],
    out_: Annotated[Path | None, typer.Option("--out", help="The page [DIR-description.html].")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="Processes [as many as cores].")] = None,
) -> None:
    """Describe a hospital from its files: counts and bars here, the whole as one HTML page."""
    from synthetic_data.description.describing import describe_folder  # noqa: PLC0415
    from synthetic_data.description.page import page_of  # noqa: PLC0415

    if out_ and out_.is_dir():
        raise refuse(
            Text(
                fr=f"--out attend le fichier de la page, reçu le dossier {out_} : ajouter un nom.",
                en=f"--out expects the file of the page, got the folder {out_}: add a name.",
            )
        )
    with one_sentence():
        with progress_bar() as shown:
            task = shown.add_task(say(Text(fr="Blocs lus", en="Blocks read")), total=None)
            portrait = describe_folder(
                folder,
                workers=workers or os.cpu_count() or 1,
                progress=lambda done, total: shown.update(task, completed=done, total=total),
            )
        page = out_ or folder.absolute().with_name(f"{folder.absolute().name}-description.html")
        page.parent.mkdir(parents=True, exist_ok=True)
        draft = page.with_name(f"{page.name}.part")
        draft.write_text(page_of(portrait), encoding="utf-8", newline="\n")
        draft.rename(page)
    _show(portrait)
    said = Text(fr=f"Page écrite dans {page}.", en=f"Page written to {page}.")
    out.print(escape(say(said)), soft_wrap=True)


def _show(portrait: "Portrait") -> None:
    _files(portrait)
    _volumes(portrait)
    _pyramid(portrait)
    side_by_side = Table.grid(padding=(0, 4, 0, 0))
    hours, nights = portrait.rhythms.emergency_hours, portrait.length_of_stay.classes
    side_by_side.add_row(
        _columns(hours, Text(fr="Arrivées aux urgences, heure", en="Emergency arrivals, hour")),
        _columns(nights, Text(fr="Séjours terminés, nuits", en="Ended stays, nights")),
    )
    out.print(side_by_side)
    out.print()


def _table(title: Text, *columns: Text, first: str = "left") -> Table:
    # The title is printed apart: inside a table it would be cut to its width.
    out.print(f"[italic]{escape(say(title))}[/]", soft_wrap=True)
    table = Table(box=None, pad_edge=False)
    for rank, column in enumerate(columns):
        table.add_column(say(column), justify="left" if rank == 0 and first == "left" else "right")
    return table


def _files(portrait: "Portrait") -> None:
    from synthetic_data.description.inert import inert  # noqa: PLC0415
    from synthetic_data.description.numbers import megabytes, number  # noqa: PLC0415

    who = portrait.identity
    patients, scale = number(who.patients), number(who.scale)
    table = _table(
        Text(
            fr=f"{inert(who.folder)} : graine {who.seed}, {patients.fr} patients, échelle {scale.fr}, "
            f"du {who.start:%d/%m/%Y %H:%M} au {who.now:%d/%m/%Y %H:%M}",
            en=f"{inert(who.folder)}: seed {who.seed}, {patients.en} patients, scale {scale.en}, "
            f"{who.start:%Y-%m-%d %H:%M} to {who.now:%Y-%m-%d %H:%M}",
        ),
        Text(fr="Fichier", en="File"),
        Text(fr="ressources", en="resources"),
        Text(fr="Mo", en="MB"),
        Text(fr="SHA-256", en="SHA-256"),
    )
    for file in who.files:
        digest = escape(inert(file.sha256[:12]))
        table.add_row(
            escape(inert(file.name)), _said(number(file.lines)), _said(megabytes(file.bytes)), digest
        )
    table.add_row(
        "[bold]total", f"[bold]{_said(number(who.resources))}", f"[bold]{_said(megabytes(who.bytes))}", ""
    )
    out.print(table)
    out.print()


def _volumes(portrait: "Portrait") -> None:
    from synthetic_data.description.numbers import number  # noqa: PLC0415
    from synthetic_data.description.words import words  # noqa: PLC0415

    table = _table(
        Text(fr="Volumes (* publiés)", en="Volumes (* published)"),
        Text(fr="Quantité", en="Quantity"),
        Text(fr="manifeste", en="manifest"),
        _COUNTED,
        Text(fr="", en=""),
    )
    for one in portrait.identity.volumes:
        sign = "" if one.announced is None else "[green]=[/]" if one.met else "[bold red]≠[/]"
        name = _said(words()["volume"][one.name]) + " *" * one.published
        table.add_row(name, _said(number(one.announced)), _said(number(one.counted)), sign)
    out.print(table)
    out.print()


def _pyramid(portrait: "Portrait") -> None:
    from synthetic_data.description.bars import bar  # noqa: PLC0415
    from synthetic_data.description.numbers import number  # noqa: PLC0415

    men, women = portrait.pyramid.men, portrait.pyramid.women
    most = max(1, *men.counted, *women.counted)
    table = _table(Text(fr="Pyramide des âges", en="Age pyramid"), Text(fr="hommes", en="men"), first="right")
    table.add_column("", justify="right", width=_WIDTH)
    table.add_column("", justify="center")
    table.add_column("", width=_WIDTH)
    table.add_column(say(Text(fr="femmes", en="women")), justify="right")
    for label, left, right in reversed(list(zip(men.labels, men.counted, women.counted, strict=True))):
        # Whole characters to the left: blocks of eighths are flush with the wrong side.
        back = "█" * round(_WIDTH * left / most)
        numbers = _said(number(left)), _said(number(right))
        table.add_row(numbers[0], back, _said(label), bar(right, most, _WIDTH), numbers[1])
    out.print(table)
    if men.distance is not None and men.luck is not None:
        distance, luck = number(men.distance, 4), number(men.luck, 4)
        said = Text(
            fr=f"V de Cramér {distance.fr} à la loi visée ; le hasard seul dépasse rarement {luck.fr}.",
            en=f"Cramér's V {distance.en} to the target law; luck alone rarely exceeds {luck.en}.",
        )
        out.print(f"[dim]{say(said)}[/]", soft_wrap=True)
    out.print()


def _columns(comparison: "Comparison", title: Text) -> Table:
    from synthetic_data.description.bars import bar  # noqa: PLC0415
    from synthetic_data.description.numbers import number  # noqa: PLC0415

    law = bool(comparison.expected)
    columns = (Text(fr="", en=""), _COUNTED, *([_EXPECTED] if law else []))
    table = Table(title=say(title), title_justify="left", box=None, pad_edge=False)
    for column in columns:
        table.add_column(say(column), justify="right")
    table.add_column("", width=_WIDTH)
    most = max(1, *comparison.counted)
    for rank, (label, count) in enumerate(zip(comparison.labels, comparison.counted, strict=True)):
        expected = [_said(number(comparison.expected[rank], 0))] if law else []
        table.add_row(_said(label), _said(number(count)), *expected, bar(count, most, _WIDTH))
    return table


def _said(both: "Both") -> str:
    return say(Text(fr=both.fr, en=both.en))
