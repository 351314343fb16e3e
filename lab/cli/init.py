"""``lab init``: write a manifest to start from."""

from pathlib import Path
from typing import Annotated

import typer

from lab.cli.console import err, out
from lab.cli.exit_codes import USAGE

_PERMISSION = "permission.json"
_MANIFEST = """\
# Manifest of an application under test. Every key: docs/manifest.md

[application]
vendor = "Votre société"
name = "Votre application"
version = "1.0.0"
roles = ["client"]                  # "client" pulls from the hospital, "server" exposes FHIR; or both

[start]                             # remove this section when the application already runs
command = ["{python}", "-m", "your_application"]
directory = "."
ready_url = "http://127.0.0.1:{port}/health"

[start.environment]                 # placeholders: {fhir_base_url} {client_id} {key_file} {port} {seed}
FHIR_BASE_URL = "{fhir_base_url}"
CLIENT_ID = "{client_id}"
KEY_FILE = "{key_file}"
PORT = "{port}"

[client]
client_id = "your-application"
scopes = "system/Patient.rs system/Encounter.rs"   # the least that it needs
permission = "permission.json"      # the FHIR Permission: cohort and masked elements
poll_interval_s = 5
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init")(init)


def init(
    manifest: Annotated[Path, typer.Argument(metavar="APP.toml", help="The manifest to write.")],
) -> None:
    """Write a manifest and a Permission to start from; files that exist are left alone."""
    import json  # noqa: PLC0415

    from lab.certification.visitor import COHORT, MASKED  # noqa: PLC0415
    from lab.fhir.permission_form import permission  # noqa: PLC0415

    opened = {"Patient": (COHORT,), "Encounter": (COHORT,)}
    example = permission("your-application", opened, ("read", "search-type"), MASKED)
    files = {manifest: _MANIFEST, manifest.parent / _PERMISSION: json.dumps(example, indent=1) + "\n"}
    taken = [str(path) for path in files if path.exists()]
    if taken:
        err.print(f"[bold red]✗[/] {', '.join(taken)} exists already: choose another name.", soft_wrap=True)
        raise typer.Exit(USAGE)
    manifest.parent.mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
        out.print(str(path), soft_wrap=True)
