"""``lab audit``: who saw this patient, from the trail of a sandbox or of a certification run."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from lab.cli.console import err, out, say
from lab.cli.exit_codes import INCOMPLETE, NOT_FOUND, USAGE
from lab.model.text import Text

if TYPE_CHECKING:
    from lab.audit.reading import Reading
    from lab.audit.who_saw import Access, Account, Question

_ID = re.compile(r"(?:Patient/)?([A-Za-z0-9\-.]{1,64})")
_TITLES = {
    "seen": Text("Ont vu", "Saw"),
    "changed": Text("Ont modifié", "Changed"),
    "tried": Text("Tentatives refusées ou sans réponse", "Attempts refused, or given nothing"),
}
_NOBODY = Text("(non identifiée)", "(not identified)")
_LABORATORY = Text("laboratoire, au nom de ", "laboratory, in the name of ")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("audit")(audit)


def audit(
    path: Annotated[
        Path, typer.Argument(help="The folder of a trail, a sandbox or a run; a trail file; an audit.db.")
    ],
    patient: Annotated[str, typer.Option(help="Only this patient, by id.")] = "",
    client: Annotated[str, typer.Option(help="Only this application.")] = "",
    since: Annotated[str, typer.Option(help="Only from this date or time on (ISO 8601).")] = "",
    refused: Annotated[bool, typer.Option("--refused", help="Only attempts that gave nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Tell who saw a patient: exit 0 when somebody did or tried, 1 when nobody, 5 when lines are damaged."""
    from lab.audit.reading import Reading, TrailUnreadableError, read_trail  # noqa: PLC0415
    from lab.audit.who_saw import Question, who_saw  # noqa: PLC0415

    question = Question(_patient(patient), client, _moment(since))
    reading = Reading()
    try:
        account = who_saw(read_trail(path, reading), question)
    except TrailUnreadableError as error:
        raise _usage(error.text) from None
    if refused:
        account.seen.clear()
        account.changed.clear()
    if as_json:
        typer.echo(json.dumps(_data(account, question, reading), ensure_ascii=False))
    else:
        _print(account, question)
    _end(account, question, reading)


def _usage(text: Text) -> typer.Exit:
    err.print(f"[bold red]✗[/] {escape(say(text))}", soft_wrap=True)
    return typer.Exit(USAGE)


def _patient(given: str) -> str:
    match = _ID.fullmatch(given)
    if given and match is None:
        raise _usage(
            Text(
                f"--patient {given!r} n'est pas un identifiant FHIR : donner l'id de la ressource Patient.",
                f"--patient {given!r} is no FHIR id: give the id of the Patient resource.",
            )
        )
    return match[1] if match else ""


def _moment(given: str) -> datetime | None:
    from lab.fhirserver.storage.times import HOSPITAL_ZONE  # noqa: PLC0415

    if not given:
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise _usage(
            Text(
                f"--since {given!r} n'est pas une date : écrire 2026-11-30 ou 2026-11-30T08:00:00Z.",
                f"--since {given!r} is no date: write 2026-11-30 or 2026-11-30T08:00:00Z.",
            )
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=HOSPITAL_ZONE)


def _end(account: "Account", question: "Question", reading: "Reading") -> None:
    """Say what is missing and end with the exit code for it."""
    if reading.damaged:
        text = Text(
            f"{reading.damaged} ligne(s) de la piste illisible(s) : la réponse est incomplète.",
            f"{reading.damaged} line(s) of the trail cannot be read: the answer is incomplete.",
        )
        err.print(f"[bold yellow]■[/] {say(text)}", soft_wrap=True)
        raise typer.Exit(INCOMPLETE)
    if account.empty:
        whom = f"Patient/{question.patient}" if question.patient else ""
        text = Text(
            f"Aucun des {reading.events} événements ne concerne {whom or 'cette demande'} : "
            "personne n'y a accédé, ou l'identifiant est mal écrit.",
            f"None of the {reading.events} events is about {whom or 'this question'}: "
            "nobody had access, or the identifier is misspelt.",
        )
        err.print(f"[bold yellow]■[/] {say(text)}", soft_wrap=True)
        raise typer.Exit(NOT_FOUND)


def _data(account: "Account", question: "Question", reading: "Reading") -> dict[str, object]:
    return {
        "patient": question.patient or None,
        "events": reading.events,
        "unreadable": reading.damaged,
        **{name: [_of(a) for a in _ordered(account, name)] for name in _TITLES},
    }


def _of(access: "Access") -> dict[str, object]:
    return {
        "client": access.client or None,
        "laboratory": access.laboratory,
        "first": access.first,
        "last": access.last,
        "requests": access.requests,
        "patients": len(access.patients),
        "types": sorted(access.types),
        "purposes": sorted(access.purposes),
        "addresses": sorted(access.addresses),
        "levels": sorted(access.levels),
    }


def _ordered(account: "Account", name: str) -> "list[Access]":
    return sorted(getattr(account, name).values(), key=lambda access: (access.first, access.client))


def _print(account: "Account", question: "Question") -> None:
    from rich.table import Table  # noqa: PLC0415

    for name, title in _TITLES.items():
        accesses = _ordered(account, name)
        if not accesses:
            continue
        whom = f" Patient/{question.patient}" if question.patient else ""
        table = Table(title=f"{say(title)}{whom}", title_justify="left", box=None, pad_edge=False)
        for heading in _headings(name, question):
            table.add_column(say(heading), overflow="fold")
        for access in accesses:
            table.add_row(*(escape(cell) for cell in _row(access, name, question)))
        out.print(table)


def _headings(name: str, question: "Question") -> list[Text]:
    headings = [
        Text("application", "application"),
        Text("première fois", "first"),
        Text("dernière fois", "last"),
        Text("requêtes", "requests"),
        Text("ressources", "resources"),
        Text("finalités", "purposes"),
        Text("adresses", "addresses"),
    ]
    if name == "tried":
        headings.append(Text("niveaux", "levels"))
    return headings if question.patient else [*headings, Text("patients", "patients")]


def _row(access: "Access", name: str, question: "Question") -> list[str]:
    who = (say(_LABORATORY) if access.laboratory else "") + (access.client or say(_NOBODY))
    several = (access.types, access.purposes, access.addresses)
    row = [who, access.first, access.last, str(access.requests), *(" ".join(sorted(s)) for s in several)]
    if name == "tried":
        row.append(" ".join(map(str, sorted(access.levels))))
    return row if question.patient else [*row, str(len(access.patients))]
