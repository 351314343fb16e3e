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
    from lab.fhirserver.storage.address import Place
    from lab.model.release import Release


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="The embedded FHIR server alone, without gateway.", no_args_is_help=True)
    group.command("up")(up)
    group.callback()(lambda: None)
    app.add_typer(group, name="server")


def up(  # noqa: PLR0913 - a command line
    store: Annotated[
        str | None,
        typer.Option(
            help="The file of the hospital, made if it is not there, or the URL of a PostgreSQL database "
            "(postgresql://...), which several machines can share; else a file that goes."
        ),
    ] = None,
    exports: Annotated[
        Path | None,
        typer.Option(help="The folder for the files of exports of a database, which all machines share."),
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
    from lab.fhirserver.storage.address import is_database  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="lab-") as private:
        place: Place = store or Path(private) / "hospital.db"
        if exports is not None and not is_database(place):
            raise refuse(
                Text(
                    fr="--exports va avec --store postgresql://… : un fichier a ses exports à côté de lui.",
                    en="--exports comes with --store postgresql://...: a file has its exports beside it.",
                )
            )
        if data is not None:
            if release != "R4":
                raise refuse(
                    Text(
                        fr="--data est un hôpital synthétique en R4 : ôter --data, écrire en R5 par l'API.",
                        en="--data is a synthetic hospital of R4: leave it out, write R5 by the API.",
                    )
                )
            _fill(place, data, frozenset(filter(None, types.replace(" ", "").split(","))))
        try:
            key = "" if keyless else secrets.token_urlsafe(32)
            _serve(place, exports, workers, port, key, release, as_json=as_json)
        except KeyboardInterrupt:
            return


def _fill(place: "Place", data: Path, types: frozenset[str]) -> None:
    from lab.fhirserver.storage.address import is_database  # noqa: PLC0415
    from lab.fhirserver.storage.connection import StoreError  # noqa: PLC0415
    from lab.sandbox.seed import from_folder  # noqa: PLC0415

    if not is_database(place) and Path(place).exists():
        raise refuse(
            Text(
                fr=f"--data remplit un fichier neuf, {place} existe : ôter --data ou en nommer un autre.",
                en=f"--data fills a new file, {place} exists: leave --data out, or name another file.",
            )
        )
    with one_sentence(), bar() as shown:
        task = shown.add_task(say(Text(fr="Ressources chargées", en="Resources loaded")), total=None)
        try:
            from_folder(place, data, types, lambda count: shown.update(task, completed=count), _processors())
        except StoreError as error:
            said = str(error)
            raise refuse(Text(fr=f"La base ne peut être remplie. {said}", en=said)) from None


def _serve(
    place: "Place",
    exports: Path | None,
    workers: int,
    port: int,
    key: str,
    release: "Release",
    *,
    as_json: bool,
) -> None:
    from lab.fhirserver.cluster import ClusterError, cluster  # noqa: PLC0415

    try:
        with cluster(place, workers=workers, port=port, key=key, release=release, exports=exports) as running:
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
