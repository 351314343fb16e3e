"""The ``lab`` command: its groups and the exit codes it documents."""

from typing import Annotated

import typer

from lab import __version__
from lab.cli import (
    audit,
    certify,
    checks,
    data,
    doctor,
    init,
    load,
    policy,
    report,
    requirements,
    sandbox,
    security,
    selftest,
    server,
    validate,
)
from lab.cli.console import out

app = typer.Typer(
    name="lab",
    help="Integration laboratory for FHIR applications: conformance, five-level security, load.\n\n"
    "Exit codes: 0 conforms, 1 does not conform, 2 usage or manifest error, 3 laboratory error, "
    "4 application unreachable, 5 incomplete.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:  # noqa: FBT001 - a flag of the command line
    if wanted:
        out.print(f"lab {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Hold the options that every command has."""
    del version


certify.register(app)
report.register(app)
checks.register(app)
requirements.register(app)
sandbox.register(app)
server.register(app)
selftest.register(app)
init.register(app)
load.register(app)
doctor.register(app)
validate.register(app)
data.register(app)
audit.register(app)
security.register(app)
policy.register(app)
