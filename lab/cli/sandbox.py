"""``lab sandbox``: the hospital's platform alone, until interrupted."""

import json
import secrets
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lab.cli import revocation
from lab.cli.certify import Patients, Seed
from lab.cli.console import err, out, say
from lab.cli.data.progress import bar
from lab.cli.exit_codes import LABORATORY
from lab.model.text import Text

if TYPE_CHECKING:
    from lab.fhirserver.listening import Tls
    from lab.model.release import Release
    from lab.sandbox.plan import External, SandboxPlan
    from lab.sandbox.stack import Sandbox


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="The hospital's platform alone.", no_args_is_help=True)
    group.command("up")(up)
    revocation.register(group)
    app.add_typer(group, name="sandbox")


def up(  # noqa: PLR0913 - a command line
    as_json: Annotated[bool, typer.Option("--json", help="Print the addresses as one JSON object.")] = False,
    seed: Seed = 2023,
    patients: Patients = 1000,
    data: Annotated[
        Path | None,
        typer.Option(
            help="A folder of `lab data generate`, instead of drawing patients; of R5, one of NDJSON."
        ),
    ] = None,
    release: Annotated[
        Literal["R4", "R5"],
        typer.Option(
            "--fhir-version", help="The release of the hospital; one of R5 is empty unless --data fills it."
        ),
    ] = "R4",
    types: Annotated[str, typer.Option(help="Only these types of the folder, separated by commas.")] = "",
    store: Annotated[
        str | None,
        typer.Option(
            help="An empty PostgreSQL database (postgresql://...) for the hospital, not a file that goes."
        ),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that serve gateway and token server together.")
    ] = 1,
    proxy: Annotated[
        list[str] | None, typer.Option(help="A network (CIDR) whose forwarding headers are believed.")
    ] = None,
    certificate: Annotated[Path | None, typer.Option(help="PEM certificate: serve over TLS.")] = None,
    key: Annotated[Path | None, typer.Option(help="PEM key of the certificate.")] = None,
    client_authorities: Annotated[
        Path | None, typer.Option(help="PEM authorities of client certificates, which are then asked for.")
    ] = None,
    backend: Annotated[
        str | None, typer.Option(help="FHIR base of a server that stands in place of the embedded one.")
    ] = None,
    backend_header: Annotated[
        list[str] | None, typer.Option(help="'Name: value' sent to it; @FILE has one on each line.")
    ] = None,
    backend_host: Annotated[
        list[str] | None, typer.Option(help="A host other than this machine that may be spoken to.")
    ] = None,
    backend_name: Annotated[
        list[str] | None, typer.Option(help="Another base under which that server names itself.")
    ] = None,
    cohort: Annotated[
        str, typer.Option(help="The id of the Group that the client is confined to.")
    ] = "group-urgences",
) -> None:
    """Start the stack, print where it answers and a client to use, wait for Ctrl-C."""
    from lab.certification.visitor import visitor  # noqa: PLC0415
    from lab.fhirserver.storage.address import is_database  # noqa: PLC0415
    from lab.sandbox.plan import SandboxPlan  # noqa: PLC0415
    from lab.sandbox.stack import SandboxError  # noqa: PLC0415

    if store is not None and not is_database(store):
        raise typer.BadParameter(
            say(
                Text(
                    fr="--store prend l'URL d'une base PostgreSQL vide : postgresql://utilisateur@hôte/base.",
                    en="--store takes the URL of an empty PostgreSQL database: postgresql://user@host/base.",
                )
            )
        )
    with tempfile.TemporaryDirectory(prefix="lab-") as private:
        folder = Path(private)
        client, key_pair = visitor(cohort)
        key_file = folder / "private-key.json"
        key_file.touch(mode=0o600)
        key_file.write_text(json.dumps(key_pair.private_jwk), encoding="utf-8")
        plan = SandboxPlan(
            seed=seed,
            patients=patients,
            journal=str(folder / "journal.jsonl"),
            store=store or str(folder / "hospital.db"),
            redaction_key=secrets.token_bytes(32).hex(),
            laboratory_secret=secrets.token_urlsafe(24),
            clients=(client,),
            data=str(data.resolve()) if data else "",
            types=tuple(filter(None, types.split(","))),
            workers=workers,
            state=str(folder / "state.db"),
            proxies=tuple(proxy or ()),
            tls=_tls(certificate, key, client_authorities),
            external=_external(backend, backend_header or [], backend_host or [], backend_name or []),
            release=_release(release, backend),
        )
        facts: dict[str, object] = {
            "client_id": client.client_id,
            "private_key_file": str(key_file),
            "state_file": plan.state,
            "scopes": client.scopes,
        }
        try:
            _serve(plan, folder / "sandbox.log", facts, as_json=as_json)
        except SandboxError as error:
            err.print(f"[bold red]✗[/] {error}", soft_wrap=True)
            raise typer.Exit(LABORATORY) from None
        except KeyboardInterrupt:
            return


def _external(url: str | None, headers: list[str], hosts: list[str], names: list[str]) -> "External | None":
    """Return the server that is not ours, None for the embedded one."""
    from lab.sandbox.plan import External  # noqa: PLC0415

    if url is None:
        if headers or hosts or names:
            raise typer.BadParameter(
                say(
                    Text(
                        fr="--backend-header, --backend-host et --backend-name complètent --backend URL.",
                        en="--backend-header, --backend-host and --backend-name come with --backend URL.",
                    )
                )
            )
        return None
    given = [line for text in headers for line in _lines(text)]
    return External(url, tuple(given), tuple(hosts), tuple(names))


def _release(release: "Release", backend: str | None) -> "Release":
    """Return the release of the embedded hospital: what stands in its place is spoken to in R4."""
    if release != "R4" and backend is not None:
        raise typer.BadParameter(
            say(
                Text(
                    fr=f"--backend est un serveur R4, --fhir-version {release} est du serveur embarqué : "
                    "donnez l'un ou l'autre.",
                    en=f"--backend is a server of R4, --fhir-version {release} is of the embedded one: "
                    "give one of them.",
                )
            )
        )
    return release


def _lines(text: str) -> list[str]:
    """Return a header, or those of the file it names: what is on a command line can be seen by others."""
    if not text.startswith("@"):
        return [text]
    try:
        return [line for line in Path(text[1:]).read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError):
        raise typer.BadParameter(
            say(
                Text(
                    fr=f"{text[1:]} ne peut être lu : donner un fichier d'en-têtes, un par ligne.",
                    en=f"{text[1:]} cannot be read: give a file of headers, one on each line.",
                )
            )
        ) from None


def _tls(certificate: Path | None, key: Path | None, client_authorities: Path | None) -> "Tls | None":
    """Return the files of a listener over TLS, None for one without."""
    from lab.fhirserver.listening import Tls  # noqa: PLC0415

    if certificate is None and key is None and client_authorities is None:
        return None
    if certificate is None or key is None:
        raise typer.BadParameter(
            say(
                Text(
                    fr="TLS demande --certificate et --key ; --client-authorities s'y ajoute.",
                    en="TLS needs --certificate and --key; --client-authorities comes on top.",
                )
            )
        )
    return Tls(str(certificate), str(key), str(client_authorities or ""))


def _serve(plan: "SandboxPlan", log: Path, facts: dict[str, object], *, as_json: bool) -> None:
    """Run a sandbox until it ends; what is filled is shown meanwhile."""
    from lab.sandbox.stack import sandbox  # noqa: PLC0415

    with bar() as shown:
        task = shown.add_task(say(Text(fr="Ressources chargées", en="Resources loaded")), total=None)
        with sandbox(plan, log, lambda count: shown.update(task, completed=count)) as running:
            shown.stop()
            at = running.addresses
            facts = {
                "fhir_base_url": at.fhir_base_url,
                "token_url": at.token_url,
                **facts,
                "resources": at.resources,
                "audit_folder": str(Path(plan.journal).with_name("audit")),
                "audit_url": at.audit_url,
                "audit_key": at.backend_key,
                "backend_url": at.backend_url,
            }
            if as_json:
                typer.echo(json.dumps(facts))
            else:
                for name, value in facts.items():
                    out.print(f"{name:18} {value}", soft_wrap=True)
            _watch(running)
    err.print("[bold red]✗[/] The sandbox ended by itself.")
    raise typer.Exit(LABORATORY)


def _watch(running: "Sandbox") -> None:
    """Wait while a process serves; say which one ended by itself."""
    serving = set(running.processes)
    while serving:
        time.sleep(0.5)
        left = set(running.processes)
        for process in sorted(serving - left) if left else ():
            text = Text(
                fr=f"Le processus {process} s'est arrêté ; {len(left)} servent encore.",
                en=f"Process {process} ended; {len(left)} still serve.",
            )
            err.print(f"[bold yellow]![/] {say(text)}")
        serving = left
