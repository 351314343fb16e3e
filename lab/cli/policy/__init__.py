"""``lab policy``: read a Permission to people, and tell why a request is decided as it is."""

import typer

from lab.cli.policy.check import check
from lab.cli.policy.explain import explain


def register(app: typer.Typer) -> None:
    """Add the commands."""
    policy = typer.Typer(help="Read a Permission to people, and explain decisions.", no_args_is_help=True)
    policy.command("check")(check)
    policy.command("explain")(explain)
    app.add_typer(policy, name="policy")
