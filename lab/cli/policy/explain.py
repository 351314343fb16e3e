"""``lab policy explain``: which level decides of a request, by which rule and why; nothing is sent."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from lab.cli.console import out, say
from lab.cli.policy.options import DayOption, LanguageOption, LibraryOption, compiled, day_of, speak, usage
from lab.model.text import Text

if TYPE_CHECKING:
    from lab.fhir.permission.reading import Resources
    from lab.fhir.request import FhirRequest
    from lab.fhir.scopes import Scopes
    from lab.policy.inquiry import Inquirer

REFUSED = 1


def explain(  # noqa: PLR0913 - each is an option of the command
    method: Annotated[str, typer.Argument(metavar="METHOD", help="GET, POST, PUT, PATCH, DELETE or HEAD.")],
    target: Annotated[str, typer.Argument(metavar="PATH", help="Such as '/Patient?family=Baker'.")],
    permission: Annotated[Path | None, typer.Option(help="The Permission, in JSON.")] = None,
    manifest: Annotated[
        Path | None, typer.Option(help="An APP.toml, in place of permission, client and scopes.")
    ] = None,
    client: Annotated[str, typer.Option(help="The application [the first actor].")] = "",
    scopes: Annotated[str, typer.Option(help="The scopes of its token.")] = "system/*.cruds",
    peer: Annotated[str, typer.Option("--from", metavar="ADDRESS", help="Where it asks from.")] = "",
    purpose: Annotated[str, typer.Option(help="The purpose of use that it is registered for.")] = "TREAT",
    body: Annotated[Path | None, typer.Option(help="The body of the request.")] = None,
    library: LibraryOption = None,
    day: DayOption = "",
    lang: LanguageOption = "",
) -> None:
    """Name the level, the rule and the reason of a decision: exit 0 when allowed, 1 when refused.

    No network is used: the token is supposed to be in force.
    """
    from lab.fhir.response import FhirError  # noqa: PLC0415
    from lab.policy.inquiry import Inquirer, entries_of, request_of  # noqa: PLC0415

    speak(lang)
    today = day_of(day)
    source, client_id, said, known = _application(permission, manifest, client, scopes)
    policy = compiled(permission or Path(str(manifest)), source, client_id, library, known)
    asker = Inquirer(client_id, _scopes(said), policy, purpose, today, peer)
    content = _content(body)
    try:
        requests = entries_of(request_of(method, target, content))
        allowed = [_print_steps(asker, request) for request in requests]
    except FhirError as error:
        text = Text(
            f"Avant tout niveau, {error.status} : pas une requête de la passerelle. {error.diagnostics}",
            f"Before any level, {error.status}: no request of the gateway. {error.diagnostics}",
        )
        out.print(f"[bold red]✗[/] {escape(say(text))}", soft_wrap=True)
        raise typer.Exit(REFUSED) from None
    raise typer.Exit(0 if all(allowed) else REFUSED)


def _scopes(text: str) -> "Scopes":
    from lab.fhir.scopes import ScopeError, parse_scopes  # noqa: PLC0415

    try:
        return parse_scopes(text)
    except ScopeError as error:
        raise usage(Text(f"--scopes : {error}", f"--scopes: {error}")) from None


def _content(body: Path | None) -> bytes:
    try:
        return b"" if body is None else body.read_bytes()
    except OSError as error:
        why = error.strerror or "?"
        raise usage(Text(f"{body} : illisible ({why}).", f"{body}: cannot be read ({why}).")) from None


def _application(
    permission: Path | None, manifest: Path | None, client: str, scopes: str
) -> tuple[dict[str, Any], str, str, "Resources"]:
    """Return the Permission, the application, its scopes and the library of its manifest."""
    from lab.manifest.read import ManifestError, read_manifest  # noqa: PLC0415
    from lab.policy.reading import PolicyFileError, client_of, read_resource  # noqa: PLC0415

    if (permission is None) == (manifest is None):
        raise usage(
            Text(
                "Donnez --permission FICHIER ou --manifest APP.toml.",
                "Give --permission FILE or --manifest APP.toml.",
            )
        )
    try:
        if permission is not None:
            source = read_resource(permission)
            return source, client or client_of(source), scopes, {}
        role = read_manifest(Path(str(manifest))).client
    except PolicyFileError as error:
        raise usage(error.text) from None
    except ManifestError as error:
        raise usage(Text(str(error), str(error))) from None
    if role is None:
        raise usage(
            Text(
                f"{manifest} : l'application n'est pas cliente.", f"{manifest}: the application is no client."
            )
        )
    return dict(role.permission), role.client_id, role.scopes, role.library


def _print_steps(asker: "Inquirer", request: "FhirRequest") -> bool:
    """Print what each level says of a request; tell whether it is allowed."""
    from lab.policy.inquiry import LEVELS, steps  # noqa: PLC0415

    path = "/".join(part for part in (request.type, request.id, request.operation) if part)
    about = f"({request.interaction}), {asker.client_id}, {asker.purpose}"
    out.print(f"[bold]{request.method} /{escape(path)}[/] {escape(about)}")
    found = steps(asker, request)
    for step in found:
        sign = "[bold red]✗[/]" if step.status else "[green]✓[/]" if step.checked else "[yellow]?[/]"
        level = f"{step.level} {say(LEVELS[step.level])}"
        out.print(f"  {sign} {level}: {escape(say(step.rule))} — {escape(say(step.reason))}", soft_wrap=True)
    last = found[-1]
    if last.status:
        verdict = Text(
            f"refusée au niveau {last.level} : {last.status}", f"refused at level {last.level}: {last.status}"
        )
    else:
        verdict = Text("autorisée", "allowed")
    out.print(f"  = {say(verdict)}")
    return not last.status
