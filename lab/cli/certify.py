"""``lab certify`` and ``lab demo``: a whole certification, with its progress and its exit code."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from lab.cli.console import err, language, out, say
from lab.cli.exit_codes import USAGE
from lab.model.finding import Finding
from lab.model.text import Text
from lab.model.words import Outcome, Suite

if TYPE_CHECKING:
    from lab.certification.folder import RunFolder
    from lab.certification.pulling import Pull
    from lab.model.target import SystemUnderTest

Manifest = Annotated[Path, typer.Argument(metavar="APP.toml", help="The manifest of the application.")]
Out = Annotated[Path, typer.Option("--out", help="Where the run folder is made.")]
Seed = Annotated[int, typer.Option(help="The seed of data, acts and load.")]
Patients = Annotated[int, typer.Option(min=20, max=450_000, help="Patients of the synthetic hospital.")]
Baseline = Annotated[
    Path | None,
    typer.Option(metavar="RUN", help="The folder of an earlier run, whose load stands beside in the report."),
]
Pulled = Annotated[
    str,
    typer.Option(
        "--pull",
        metavar="PROFILE",
        help="calm or stormy: also play `lab load pull` to an application that pulls, for 90 s or more.",
    ),
]
Only = Annotated[Suite | None, typer.Option(help="Run one part; the verdict is then incomplete.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("certify")(certify)
    app.command("demo")(demo)


def certify(
    manifest: Manifest,
    out_: Out = Path("runs"),
    seed: Seed = 2023,
    patients: Patients = 1000,
    only: Only = None,
    baseline: Baseline = None,
    pull: Pulled = "",
) -> None:
    """Certify an application: conformance, five-level security and load."""
    raise typer.Exit(run(manifest, out_, seed, patients, only, baseline, pull))


def demo(out_: Out = Path("runs"), seed: Seed = 2023, patients: Patients = 1000) -> None:
    """Certify the bundled example application, everything embedded."""
    from lab.bundled import example  # noqa: PLC0415

    raise typer.Exit(run(example() / "tableau_urgences.toml", out_, seed, patients, None))


def run(
    manifest: Path,
    out_: Path,
    seed: int,
    patients: int,
    only: Suite | None,
    baseline: Path | None = None,
    pull: str = "",
) -> int:
    """Certify and print; return the exit code."""
    from lab.certification.baseline import refuse_baseline  # noqa: PLC0415
    from lab.certification.certify import ALL_SUITES, Options, certify  # noqa: PLC0415
    from lab.certification.comparing import ComparisonError  # noqa: PLC0415
    from lab.load.error import LoadError  # noqa: PLC0415
    from lab.manifest import ManifestError, read_manifest  # noqa: PLC0415

    suites = frozenset({only}) if only else ALL_SUITES
    try:
        subject = read_manifest(manifest)
        if baseline is not None:
            refuse_baseline(baseline, subject if Suite.LOAD in suites else replace(subject, load=None), seed)
        played = _pulled(pull, subject, suites)
    except (ManifestError, ComparisonError, LoadError, ValueError) as error:
        err.print(f"[bold red]✗[/] {error}", soft_wrap=True)
        return USAGE
    command = f"lab certify {manifest.name} --seed {seed} --patients {patients}"
    command += f" --only {only}" if only else ""
    command += f" --baseline {baseline.name}" if baseline else ""
    command += f" --pull {pull}" if pull else ""
    options = Options(
        out=out_, seed=seed, patients=patients, suites=suites, command=command, baseline=baseline, pull=played
    )
    with Live() as live:
        folder = certify(subject, options, live)
    return summary(folder)


def _pulled(profile: str, subject: "SystemUnderTest", suites: frozenset[Suite]) -> "Pull | None":
    """Return what is played to the application as a client, None when nothing is asked.

    Raises:
        ValueError: it cannot be played to this application, or the load is left out of the run.
    """
    from lab.cli.pull_options import of_profile  # noqa: PLC0415

    if not profile:
        return None
    if Suite.LOAD not in suites:
        message = "--pull is a part of the load, which --only leaves out: give --only load, or none."
        raise ValueError(message)
    return of_profile(profile, subject)


class Live:
    """Shows the stages of a certification as they go."""

    def __init__(self) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=err,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        """Begin to show."""
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop showing."""
        self._end()
        self._progress.stop()

    def stage(self, text: Text) -> None:
        """Begin a stage."""
        self._end()
        self._task = self._progress.add_task(say(text), total=None, note="")

    def advance(self, done: float, total: float | None = None) -> None:
        """Show how far the stage is."""
        if self._task is not None:
            self._progress.update(self._task, completed=done, total=total)

    def found(self, finding: Finding) -> None:
        """Show the last check and what it showed, when it is not a pass."""
        if self._task is not None:
            self._progress.update(self._task, note=f"{finding.check.id} {finding.outcome}")
        if finding.outcome in {Outcome.FAIL, Outcome.ERROR}:
            self._progress.console.print(
                f"  [red]✗ {finding.check.id}[/] {say(finding.message)}", soft_wrap=True
            )

    def _end(self) -> None:
        if self._task is not None:
            self._progress.update(self._task, completed=1, total=1, note="")
            self._task = None


def summary(folder: "RunFolder") -> int:
    """Print the verdict, what to fix first and the path of the report; return the exit code."""
    from lab.certification.document import read  # noqa: PLC0415
    from lab.certification.exit_code import exit_code  # noqa: PLC0415

    run_document = read(folder.document)
    verdict = run_document["verdict"]
    tongue = language()
    mark, style, word = _WORDS[verdict["status"]]
    out.print()
    out.print(f"[bold {style}]{mark} {say(word)}[/] — {verdict['reason'][tongue]}", soft_wrap=True)
    if verdict["security_level"] is not None:
        out.print(say(_LEVEL).format(verdict["security_level"]))
    for row in verdict["levels"]:
        sign = _SIGNS[row["status"]]
        out.print(f"  {sign} {row['level']} {row['name'][tongue]} ({row['passed']}✓ {row['failed']}✗)")
    if verdict["priorities"]:
        out.print(f"\n[bold]{say(_FIRST)}[/]")
    for number, item in enumerate(verdict["priorities"], start=1):
        out.print(f"  {number}. {item['check']} — {item['message'][tongue]}", soft_wrap=True, markup=False)
        out.print(f"     → {item['remedy'][tongue]}", soft_wrap=True, markup=False)
    for note in run_document["notes"]:
        out.print(f"  • {note}", soft_wrap=True, markup=False)
    out.print(f"\n{say(_REPORT)} {folder.path / 'report.html'}", soft_wrap=True)
    return exit_code(run_document)


_WORDS = {
    "conforms": ("✔", "green", Text(fr="Conforme", en="Conforms")),
    "does_not_conform": ("✗", "red", Text(fr="Non conforme", en="Does not conform")),
    "incomplete": ("◐", "yellow", Text(fr="Incomplet", en="Incomplete")),
    "withheld": ("⊘", "magenta", Text(fr="Verdict suspendu", en="Verdict withheld")),
}
_SIGNS = {"enforced": "✔", "breached": "✗", "not_demonstrated": "◐", "not_applicable": "–"}
_LEVEL = Text(fr="Niveau de sécurité atteint : {} sur 5", en="Security level reached: {} of 5")
_FIRST = Text(fr="À corriger d'abord", en="To fix first")
_REPORT = Text(fr="Rapport :", en="Report:")
