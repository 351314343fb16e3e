"""``lab sandbox revoke`` and ``admit``: take an application's access away while it runs, or give it back."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab.cli.console import err, out, say
from lab.cli.exit_codes import USAGE
from lab.model.text import Text

if TYPE_CHECKING:
    from lab.authserver.state import State

StateFile = Annotated[Path, typer.Argument(help="The state_file that `lab sandbox up` prints.")]
Application = Annotated[str, typer.Argument(help="The client_id of the application.")]


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("revoke")(revoke)
    group.command("admit")(admit)


def revoke(
    state_file: StateFile,
    client_id: Application,
    tokens: Annotated[
        bool, typer.Option("--tokens", help="End its tokens, and let it take new ones.")
    ] = False,
) -> None:
    """Refuse an application from its very next request."""
    from lab.authserver import revocation  # noqa: PLC0415

    _apply(state_file, lambda state: revocation.revoke(state, client_id, only_tokens=tokens), client_id)
    ended = Text(fr=f"Les jetons de {client_id} sont révoqués.", en=f"The tokens of {client_id} are revoked.")
    refused = Text(fr=f"{client_id} est refusée.", en=f"{client_id} is refused.")
    out.print(f"[bold green]✓[/] {say(ended if tokens else refused)}", soft_wrap=True)


def admit(state_file: StateFile, client_id: Application) -> None:
    """Let a refused application in again."""
    from lab.authserver import revocation  # noqa: PLC0415

    _apply(state_file, lambda state: revocation.admit(state, client_id), client_id)
    text = Text(fr=f"{client_id} est admise.", en=f"{client_id} is admitted.")
    out.print(f"[bold green]✓[/] {say(text)}", soft_wrap=True)


def _apply(state_file: Path, change: Callable[["State"], None], client_id: str) -> None:
    from lab.authserver.revocation import UnknownApplicationError  # noqa: PLC0415
    from lab.authserver.state import State, StateUnavailableError  # noqa: PLC0415

    try:
        state = State(state_file, create=False)
        try:
            change(state)
        finally:
            state.close()
    except UnknownApplicationError as error:
        known = ", ".join(error.known) or "-"
        text = Text(
            fr=f"Aucune application {client_id} : sont connues {known}.",
            en=f"No application {client_id}: known ones are {known}.",
        )
    except StateUnavailableError:
        text = Text(
            fr=f"{state_file} n'est pas lisible comme état d'une plateforme : donner le state_file "
            "qu'affiche « lab sandbox up ». Rien n'a été révoqué.",
            en=f"{state_file} cannot be read as the state of a platform: give the state_file that "
            "`lab sandbox up` prints. Nothing was revoked.",
        )
    else:
        return
    err.print(f"[bold red]✗[/] {say(text)}", soft_wrap=True)
    raise typer.Exit(USAGE)
