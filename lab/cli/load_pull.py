"""``lab load pull APP.toml``: events happen in the hospital; does the application that pulls keep up?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from lab.cli.certify import Live, Manifest, Out, Patients, Seed, summary
from lab.cli.console import err, language, out, say
from lab.cli.exit_codes import USAGE
from lab.cli.load_thresholds import tell_thresholds
from lab.model.text import Text

if TYPE_CHECKING:
    from lab.certification.folder import RunFolder

_MOST_S = 86_400.0


def register(group: typer.Typer) -> None:
    """Add the command to the group of loads."""
    group.command("pull")(pull)


def pull(  # noqa: PLR0913 - the options of a command line
    manifest: Manifest,
    *,
    rate: Annotated[float, typer.Option(min=0, help="Events a second; 0 for the hospital's peak.")] = 0,
    scale: Annotated[str, typer.Option(help="x1, x10, x100 or any number of times that rate.")] = "x1",
    duration: Annotated[float, typer.Option(min=0, max=_MOST_S, help="Seconds; 0 as the scenario says.")] = 0,
    faults: Annotated[
        str, typer.Option(help="FAULT:SECONDS, comma separated, or none; see docs/load.md.")
    ] = "",
    thresholds: Annotated[
        list[str] | None,
        typer.Option("--threshold", metavar="EXPRESSION", help="In place of the scenario's (repeatable)."),
    ] = None,
    bisect: Annotated[bool, typer.Option("--bisect", help="Look for the highest rate kept up with.")] = False,
    steps: Annotated[int, typer.Option(min=2, max=12, help="Rates tried with --bisect.")] = 7,
    out_: Out = Path("runs"),
    seed: Seed = 2023,
    patients: Patients = 1000,
) -> None:
    """Let events happen in the hospital while the application pulls, and judge whether it keeps up."""
    from lab.certification.pulling import Asking  # noqa: PLC0415
    from lab.certification.pulling import pull as play  # noqa: PLC0415
    from lab.cli.pull_options import Chosen, to_play  # noqa: PLC0415
    from lab.load.error import LoadError  # noqa: PLC0415
    from lab.manifest import ManifestError, read_manifest  # noqa: PLC0415

    try:
        subject = read_manifest(manifest)
        chosen = Chosen(rate, scale, duration, faults, tuple(thresholds or ()), steps if bisect else 0)
        asked = to_play(chosen, subject)
    except (ManifestError, LoadError, ValueError) as error:
        err.print(f"[bold red]✗[/] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(USAGE) from None
    words = [f"lab load pull {manifest.name} --rate {rate:g} --scale {scale} --duration {duration:g}"]
    words += [f"--faults {faults}"] if faults else []
    words += [f"--threshold '{one}'" for one in thresholds or ()]
    words += [f"--bisect --steps {steps}"] if bisect else []
    command = " ".join([*words, f"--seed {seed}", f"--patients {patients}"])
    with Live() as live:
        folder = play(subject, asked, Asking(out_, seed, patients, command), live)
    _tell(folder)
    raise typer.Exit(summary(folder))


def pulls_only(manifest: Path) -> bool:
    """Tell whether it is the manifest of an application that is a client only; one with a mistake is not."""
    from lab.manifest import ManifestError, read_manifest  # noqa: PLC0415

    try:
        subject = read_manifest(manifest)
    except ManifestError:
        return False
    return subject.server is None and subject.client is not None


def _tell(folder: "RunFolder") -> None:
    """Print what was measured."""
    from lab.certification.document import read  # noqa: PLC0415

    for result in read(folder.document)["pulls"]:
        _print(result)


def _print(result: dict[str, Any]) -> None:
    out.print(f"\n[bold]{result['title'][language()]}[/]")
    rates = f"{result['achieved_rate']:.2f} / {result['target_rate']:.2f}"
    out.print(say(_HAPPENED).format(result["events"], rates, result["delivered"], result["hidden"]))
    ages, habits = result["staleness"], result["habits"]
    out.print(say(_AGES).format(*(_s(ages[name]) for name in ("mean", "p50", "p95", "p99", "highest"))))
    out.print(say(_THEORY).format(*(_s(ages[name]) for name in ("theory_mean", "theory_p95"))))
    out.print(say(_HABITS).format(habits["polls"], _s(habits["period_s"]), _s(habits["jitter_s"])))
    if result["faults"]:
        table = Table(*(say(one) for one in _FAULT), box=None, pad_edge=False)
        for one in result["faults"]:
            marks = [say(word) for name, word in _MARKS.items() if one[name]]
            figures = (
                _s(one["recovery_s"]),
                f"{one['lost']} / {one['at_risk']}",
                str(one["requests"]),
                ", ".join(marks),
            )
            table.add_row(one["fault"], f"{one['begins']:g}–{one['ends']:g} s", *figures)
        out.print(table)
    for one in result["missed"]:
        out.print(f"  {one['count']} × {one['why'][language()]} ({one['example']})", markup=False)
    for one in result["steps"]:
        mark = ("[green]✔[/]" if one["sustained"] else "[bold red]✗[/]") if one["valid"] else "◐"
        out.print(f"  {mark} {one['rate']:.2f}/s")
    if result["steps"]:
        bounds = [_rate(result[name]) for name in ("sustained_rate", "unsustained_rate")]
        out.print(say(_HIGHEST).format(*bounds))
    tell_thresholds(result["thresholds"])


def _s(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f} s"


def _rate(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}/s"


_HAPPENED = Text(
    fr="{} événements ({} par seconde), {} livrés, {} cachés à l'application",
    en="{} events ({} a second), {} delivered, {} hidden from the application",
)
_AGES = Text(
    fr="fraîcheur : moyenne {}, p50 {}, p95 {}, p99 {}, au pire {}",
    en="staleness: mean {}, p50 {}, p95 {}, p99 {}, at worst {}",
)
_THEORY = Text(
    fr="théorie de cette interrogation : moyenne {}, p95 {}",
    en="theory of such polling: mean {}, p95 {}",
)
_HABITS = Text(
    fr="{} interrogations, toutes les {} (± {})",
    en="{} polls, one every {} (± {})",
)
_FAULT = (
    Text(fr="panne", en="fault"),
    Text(fr="quand", en="when"),
    Text(fr="reprise", en="recovery"),
    Text(fr="perdus", en="lost"),
    Text(fr="requêtes", en="requests"),
    Text(fr="", en=" "),
)
_MARKS = {
    "hot": Text(fr="boucle", en="hot loop"),
    "lockstep": Text(fr="cadence fixe", en="lockstep"),
    "early": Text(fr="Retry-After ignoré", en="Retry-After ignored"),
}
_HIGHEST = Text(
    fr="débit le plus haut tenu : {} ; dépassé à {}",
    en="highest rate kept up with: {}; lost at {}",
)
