"""``lab report`` renders a run again; ``lab recheck`` judges it again from its journals."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from lab.cli.console import err, out
from lab.cli.exit_codes import LABORATORY, USAGE

CHANGED = 1
RunDirectory = Annotated[Path, typer.Argument(metavar="RUN_DIR", help="The folder of a finished run.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("report")(report)
    app.command("recheck")(recheck)


def report(
    run_directory: RunDirectory,
    out_: Annotated[
        Path | None, typer.Option("--out", help="Where to write; the run folder if absent.")
    ] = None,
) -> None:
    """Render report.html and junit.xml again from run.json alone."""
    from lab.certification.document import DocumentError, read  # noqa: PLC0415
    from lab.certification.folder import RunFolder  # noqa: PLC0415
    from reports import write_reports  # noqa: PLC0415

    try:
        run = read(RunFolder(run_directory).document)
    except DocumentError as error:
        err.print(f"[bold red]✗[/] {error}", soft_wrap=True)
        raise typer.Exit(USAGE) from None
    target = out_ or run_directory
    target.mkdir(parents=True, exist_ok=True)
    for path in write_reports(run, target):
        out.print(str(path), soft_wrap=True)


def recheck(run_directory: RunDirectory) -> None:
    """Judge a run again offline; exit 0 when every finding is the same, 1 when one changed."""
    from lab.certification.document import DocumentError  # noqa: PLC0415
    from lab.certification.folder import RunFolder  # noqa: PLC0415
    from lab.certification.recheck import RecheckError, differences  # noqa: PLC0415
    from lab.certification.recheck import recheck as judge_again  # noqa: PLC0415
    from lab.engine.runner import EngineError  # noqa: PLC0415

    folder = RunFolder(run_directory.resolve())
    try:
        with tempfile.TemporaryDirectory(prefix="lab-") as private:
            findings = judge_again(folder, Path(private) / "engine.log")
            changed = differences(folder, findings)
    except (DocumentError, RecheckError) as error:
        err.print(f"[bold red]✗[/] {error}", soft_wrap=True)
        raise typer.Exit(USAGE) from None
    except EngineError as error:
        err.print(f"[bold red]✗[/] {error}", soft_wrap=True)
        raise typer.Exit(LABORATORY) from None
    for line in changed:
        out.print(line, soft_wrap=True, markup=False)
    out.print(f"{len(findings)} findings judged again, {len(changed)} changed.")
    raise typer.Exit(CHANGED if changed else 0)
