"""How the commands on data end when they cannot go on: one sentence, a documented exit code."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from lab.cli.console import err, say
from lab.cli.exit_codes import INCOMPLETE, LABORATORY, USAGE
from lab.model.text import Text


def refuse(text: Text) -> typer.Exit:
    """Print why the arguments cannot be used; to be raised."""
    err.print(f"[bold red]✗[/] {say(text)}", soft_wrap=True)
    return typer.Exit(USAGE)


@contextmanager
def one_sentence(resumable: bool = False) -> Iterator[None]:  # noqa: FBT001 - said by name at every call
    """Turn what may happen to a folder into a sentence and an exit code."""
    from synthetic_data.folder.manifest import FolderError  # noqa: PLC0415

    try:
        yield
    except FolderError as error:
        raise refuse(Text(fr=error.fr, en=error.en)) from None
    except OSError as error:
        err.print(f"[bold red]✗[/] {say(_disk(error, resumable))}", soft_wrap=True)
        raise typer.Exit(LABORATORY) from None
    except KeyboardInterrupt:
        err.print(f"[bold yellow]■[/] {say(_interrupted(resumable))}", soft_wrap=True)
        raise typer.Exit(INCOMPLETE) from None


def _disk(error: OSError, resumable: bool) -> Text:  # noqa: FBT001
    full = error.errno == errno.ENOSPC
    again = Text(
        fr=" Ce qui est écrit est gardé : relancer la même commande pour continuer.",
        en=" What is written is kept: run the same command again to go on.",
    )
    cause = Text(
        fr="Le disque est plein : libérer de la place."
        if full
        else f"Écriture ou lecture impossible : {error}.",
        en="The disk is full: make room." if full else f"Cannot write or read: {error}.",
    )
    return Text(fr=cause.fr + again.fr * resumable, en=cause.en + again.en * resumable)


def _interrupted(resumable: bool) -> Text:  # noqa: FBT001
    if resumable:
        return Text(
            fr="Interrompu. Ce qui est écrit est gardé : relancer la même commande pour continuer.",
            en="Interrupted. What is written is kept: run the same command again to go on.",
        )
    return Text(fr="Interrompu.", en="Interrupted.")
