"""``lab data load``: bring a folder into the sandbox, or into any FHIR server of this machine."""

from pathlib import Path
from typing import Annotated

import typer

from lab.cli.console import err, out, say
from lab.cli.data.failing import one_sentence, refuse
from lab.cli.data.progress import bar
from lab.cli.exit_codes import UNREACHABLE
from lab.model.text import Text

SANDBOX = "sandbox"


def load(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of `lab data generate`.")],
    into: Annotated[str, typer.Option(help="`sandbox`, or the base URL of a FHIR server on this machine.")],
    types: Annotated[str, typer.Option(help="Only these types, separated by commas.")] = "",
    token_file: Annotated[Path | None, typer.Option(help="A file that holds a bearer token.")] = None,
) -> None:
    """Load a hospital: `sandbox` starts one filled with it, a URL is written to by batches of updates."""
    from synthetic_data.folder.manifest import read_manifest  # noqa: PLC0415

    chosen = frozenset(filter(None, types.replace(" ", "").split(","))) or None
    with one_sentence():
        manifest = read_manifest(folder)
    known = {name for file in manifest.files for name in (file.type, file.name.partition(".ndjson")[0])}
    if chosen and not chosen <= known:
        raise refuse(
            Text(
                fr=f"--types attend des types du dossier ({', '.join(sorted(known))}), reçu "
                f"{', '.join(sorted(chosen - known))}.",
                en=f"--types expects types of the folder ({', '.join(sorted(known))}), got "
                f"{', '.join(sorted(chosen - known))}.",
            )
        )
    if into == SANDBOX:
        from lab.cli.sandbox import up  # noqa: PLC0415

        up(data=folder, types=",".join(sorted(chosen or ())))
        return
    total = sum(file.lines for file in manifest.files if chosen is None or file.is_one_of(chosen))
    _write(folder, into, chosen, token_file, total)


def _write(folder: Path, url: str, types: frozenset[str] | None, token_file: Path | None, total: int) -> None:
    from lab.model.loopback import is_loopback  # noqa: PLC0415
    from lab.sandbox.upload import RefusedError, UnreachableServerError, upload  # noqa: PLC0415

    if not is_loopback(url):
        raise refuse(
            Text(
                fr="--into attend `sandbox` ou l'URL d'un serveur de cette machine (http://127.0.0.1:...), "
                f"reçu « {url} » : rien n'est écrit ailleurs.",
                en="--into expects `sandbox` or the URL of a server on this machine (http://127.0.0.1:...), "
                f"got {url!r}: nothing is written elsewhere.",
            )
        )
    token = token_file.read_text(encoding="utf-8").strip() if token_file else ""
    with one_sentence(), bar() as shown:
        task = shown.add_task(say(Text(fr="Ressources", en="Resources")), total=total)
        try:
            for count in upload(folder, url, types, token):
                shown.update(task, completed=count)
        except RefusedError as error:
            err.print(f"[bold red]✗[/] {say(error.text)}", soft_wrap=True)
            raise typer.Exit(1) from None
        except UnreachableServerError as error:
            err.print(f"[bold red]✗[/] {say(error.text)}", soft_wrap=True)
            raise typer.Exit(UNREACHABLE) from None
    out.print(say(Text(fr=f"{total:,} ressources chargées.", en=f"{total:,} resources loaded.")))
