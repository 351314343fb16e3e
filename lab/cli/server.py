"""``lab server up``: the embedded FHIR server alone, on a store that stays, until interrupted."""

import json
import os
import secrets
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lab.cli.console import err, out, say
from lab.cli.data.failing import one_sentence, refuse
from lab.cli.data.progress import bar
from lab.cli.exit_codes import LABORATORY
from lab.model.text import Text

if TYPE_CHECKING:
    from lab.model.release import Release


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="The embedded FHIR server alone, without gateway.", no_args_is_help=True)
    group.command("up")(up)
    group.callback()(lambda: None)
    app.add_typer(group, name="server")


def up(  # noqa: PLR0913 - a command line
    store: Annotated[
        Path | None,
        typer.Option(help="The file of the hospital, made if it is not there; else one that goes."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="A folder of `lab data generate` for a new store.")
    ] = None,
    types: Annotated[str, typer.Option(help="Only these types of the folder, separated by commas.")] = "",
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer requests.")] = 1,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 lets the system choose.")] = 0,
    keyless: Annotated[
        bool, typer.Option("--keyless", help="Let every program of this machine in without a key.")
    ] = False,
    release: Annotated[
        Literal["R4", "R5"], typer.Option("--fhir-version", help="The release of the resources of the store.")
    ] = "R4",
    as_json: Annotated[bool, typer.Option("--json", help="Print the address as one JSON object.")] = False,
) -> None:
    """Serve a hospital on this machine, print where and with which key, wait for Ctrl-C."""
    with tempfile.TemporaryDirectory(prefix="lab-") as private:
        path = store or Path(private) / "hospital.db"
        if data is not None:
            if release != "R4":
                raise refuse(
                    Text(
                        fr="--data est un hôpital synthétique en R4 : ôter --data, écrire en R5 par l'API.",
                        en="--data is a synthetic hospital of R4: leave it out, write R5 by the API.",
                    )
                )
            _fill(path, data, frozenset(filter(None, types.replace(" ", "").split(","))))
        try:
            key = "" if keyless else secrets.token_urlsafe(32)
            _serve(path, workers, port, key, release, as_json=as_json)
        except KeyboardInterrupt:
            return


def _fill(path: Path, data: Path, types: frozenset[str]) -> None:
    from lab.sandbox.seed import from_folder  # noqa: PLC0415

    if path.exists():
        raise refuse(
            Text(
                fr=f"--data remplit un fichier neuf, {path} existe : ôter --data ou nommer un autre fichier.",
                en=f"--data fills a new file, {path} exists: leave --data out, or name another file.",
            )
        )
    with one_sentence(), bar() as shown:
        task = shown.add_task(say(Text(fr="Ressources chargées", en="Resources loaded")), total=None)
        from_folder(path, data, types, lambda count: shown.update(task, completed=count), _processors())


def _serve(path: Path, workers: int, port: int, key: str, release: "Release", *, as_json: bool) -> None:
    from lab.fhirserver.cluster import ClusterError, cluster  # noqa: PLC0415

    try:
        with cluster(path, workers=workers, port=port, key=key, release=release) as running:
            facts: dict[str, object] = {"fhir_base_url": running.base_url, "key": key, "workers": workers}
            if as_json:
                typer.echo(json.dumps(facts))
            else:
                for name, value in facts.items():
                    out.print(f"{name:18} {value}", soft_wrap=True)
            while running.alive:
                time.sleep(0.5)
        err.print("[bold red]✗[/] The server ended by itself.")
    except ClusterError as error:
        err.print(f"[bold red]✗[/] {error}", soft_wrap=True)
    except OSError as error:
        raise refuse(
            Text(
                fr=f"Le port {port} ne peut être ouvert ({error.strerror}) : en choisir un autre, ou aucun.",
                en=f"Port {port} cannot be opened ({error.strerror}): choose another one, or none.",
            )
        ) from None
    raise typer.Exit(LABORATORY)


def _processors() -> int:
    return os.cpu_count() or 1
