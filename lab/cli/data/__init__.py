"""``lab data``: the synthetic hospital, one file per command."""

import typer

from lab.cli.data import augment, cohort, describe, generate, join, load, verify


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        help="The synthetic hospital: generate, verify, describe, load, augment.", no_args_is_help=True
    )
    for command in (
        generate.generate,
        join.join,
        verify.verify,
        describe.describe,
        load.load,
        cohort.cohort,
        augment.augment,
    ):
        group.command()(command)
    app.add_typer(group, name="data")
