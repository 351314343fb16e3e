"""``lab sandbox up``: the hospital's platform alone, until interrupted."""

import json
import secrets
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab.cli.certify import Patients, Seed
from lab.cli.console import err, out, say
from lab.cli.data.progress import bar
from lab.cli.exit_codes import LABORATORY
from lab.model.text import Text

if TYPE_CHECKING:
    from lab.sandbox.plan import SandboxPlan


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="The hospital's platform alone.", no_args_is_help=True)
    group.command("up")(up)
    group.callback()(lambda: None)
    app.add_typer(group, name="sandbox")


def up(
    as_json: Annotated[bool, typer.Option("--json", help="Print the addresses as one JSON object.")] = False,
    seed: Seed = 2023,
    patients: Patients = 1000,
    data: Annotated[
        Path | None, typer.Option(help="A folder of `lab data generate`, instead of drawing patients.")
    ] = None,
    types: Annotated[str, typer.Option(help="Only these types of the folder, separated by commas.")] = "",
) -> None:
    """Start the stack, print where it answers and a client to use, wait for Ctrl-C."""
    from lab.certification.visitor import visitor  # noqa: PLC0415
    from lab.sandbox.plan import SandboxPlan  # noqa: PLC0415
    from lab.sandbox.stack import SandboxError  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="lab-") as private:
        folder = Path(private)
        client, key = visitor()
        key_file = folder / "private-key.json"
        key_file.touch(mode=0o600)
        key_file.write_text(json.dumps(key.private_jwk), encoding="utf-8")
        plan = SandboxPlan(
            seed=seed,
            patients=patients,
            journal=str(folder / "journal.jsonl"),
            store=str(folder / "hospital.db"),
            redaction_key=secrets.token_bytes(32).hex(),
            laboratory_secret=secrets.token_urlsafe(24),
            clients=(client,),
            data=str(data.resolve()) if data else "",
            types=tuple(filter(None, types.split(","))),
        )
        facts: dict[str, object] = {
            "client_id": client.client_id,
            "private_key_file": str(key_file),
            "scopes": client.scopes,
        }
        try:
            _serve(plan, folder / "sandbox.log", facts, as_json=as_json)
        except SandboxError as error:
            err.print(f"[bold red]✗[/] {error}", soft_wrap=True)
            raise typer.Exit(LABORATORY) from None
        except KeyboardInterrupt:
            return


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
            }
            if as_json:
                typer.echo(json.dumps(facts))
            else:
                for name, value in facts.items():
                    out.print(f"{name:18} {value}", soft_wrap=True)
            while running.alive:
                time.sleep(0.5)
    err.print("[bold red]✗[/] The sandbox ended by itself.")
    raise typer.Exit(LABORATORY)
