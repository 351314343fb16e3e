"""``lab load APP.toml``, ``lab load list`` and ``lab load show``: hospital load on an application."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer
from rich.markup import escape
from rich.table import Table

from lab.cli import load_by_hand, load_compare, load_pull, load_scale
from lab.cli.certify import Baseline, Live, Manifest, Out, Patients, Seed, summary
from lab.cli.console import err, language, out, say
from lab.cli.default_command import WithDefault
from lab.cli.exit_codes import USAGE
from lab.cli.load_answers import tell_answers
from lab.cli.load_thresholds import tell_thresholds
from lab.cli.scale import times
from lab.model.text import Text
from lab.model.words import Suite

if TYPE_CHECKING:
    from lab.certification.folder import RunFolder
    from lab.load.playing import Playing
    from lab.model.target import LoadPromise, SystemUnderTest

Name = Annotated[str, typer.Argument(metavar="PROFILE", help="The name or the id of a profile.")]
Replaced = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIGURE=NUMBER", help="Replace an assumption (repeatable)."),
]


class _Group(WithDefault):
    default: ClassVar[str] = "run"


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Hospital load.", no_args_is_help=True, cls=_Group)
    group.command("run")(run)
    group.command("list")(list_)
    group.command("show")(show)
    load_pull.register(group)
    load_scale.register(group)
    load_compare.register(group)
    load_by_hand.register(group, _asked, _tell_one)
    app.add_typer(group, name="load")


def run(  # noqa: PLR0913 - the options of a command line
    manifest: Manifest,
    *,
    profile: Annotated[str, typer.Option(help="The profile; see `lab load list`.")] = "",
    scale: Annotated[str, typer.Option(help="x1, x10, x100 or any number of times the hospital.")] = "",
    duration: Annotated[float, typer.Option(min=0, max=86_400, help="Seconds; 0 as the profile says.")] = 0,
    replaced: Replaced = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Generators that share the load, each a process of its own.")
    ] = 1,
    engine: Annotated[str, typer.Option(help="lean, or fast (Locust's FastHttpUser).")] = "lean",
    out_: Out = Path("runs"),
    seed: Seed = 2023,
    patients: Patients = 1000,
    baseline: Baseline = None,
) -> None:
    """Load an application as the hospital does, and judge that alone."""
    from lab.certification.baseline import refuse_baseline  # noqa: PLC0415
    from lab.certification.certify import Options, certify  # noqa: PLC0415
    from lab.certification.comparing import ComparisonError  # noqa: PLC0415
    from lab.load.error import LoadError  # noqa: PLC0415
    from lab.manifest import ManifestError, read_manifest  # noqa: PLC0415

    if not profile and load_pull.pulls_only(manifest):
        load_pull.pull(
            manifest, scale=scale or "x1", duration=duration, out_=out_, seed=seed, patients=patients
        )
    try:
        subject = read_manifest(manifest)
        promise = _promise(subject, profile, scale, duration, _figures(replaced or []), workers)
        playing = _playing(workers, engine)
        subject = replace(subject, load=promise)
        if baseline is not None:
            refuse_baseline(baseline, subject, seed)
    except (ManifestError, LoadError, ComparisonError, ValueError) as error:
        err.print(f"[bold red]✗[/] {error}", soft_wrap=True)
        raise typer.Exit(USAGE) from None
    words = [f"lab load {manifest.name} --profile {promise.profile} --scale {promise.scale:g}"]
    words += [f"--duration {promise.duration_s:g}", *(f"--set {one}" for one in replaced or ())]
    words += [f"--workers {workers}"] if workers > 1 else []
    words += [f"--engine {engine}"] if engine != "lean" else []
    words += [f"--baseline {baseline.name}"] if baseline else []
    load = frozenset({Suite.LOAD})
    options = Options(
        out=out_,
        seed=seed,
        patients=patients,
        suites=load,
        asked=load,
        command=" ".join([*words, f"--seed {seed}", f"--patients {patients}"]),
        playing=playing,
        baseline=baseline,
    )
    with Live() as live:
        folder = certify(subject, options, live)
    _tell(folder)
    raise typer.Exit(summary(folder))


def list_() -> None:
    """List the profiles."""
    from lab.load.catalogue import profiles  # noqa: PLC0415

    table = Table("id", "", "", "requests/s", "s", box=None, pad_edge=False)
    for profile in profiles().values():
        highest = profile.rate * profile.shape.highest
        rate = f"{profile.rate * profile.shape.mean:.1f}" + (
            f" (≤ {highest:.0f})" if profile.shape.highest != profile.shape.mean else ""
        )
        people = f" + {profile.people.count:.0f} people" if profile.people else ""
        table.add_row(
            profile.id, profile.name, say(profile.title), rate + people, f"{profile.duration_s:.0f}"
        )
    out.print(table)


def show(name: Name, replaced: Replaced = None) -> None:
    """Show one profile: its arithmetic, what it assumes, its shape, its thresholds."""
    from lab.load.catalogue import scenario_named  # noqa: PLC0415
    from lab.load.error import LoadError  # noqa: PLC0415
    from lab.load.soundness import with_soundness  # noqa: PLC0415

    try:
        scenario = scenario_named(name)
        profile = scenario.profile(_figures(replaced or []))
    except (LoadError, ValueError) as error:
        err.print(f"[bold red]✗[/] {error}", soft_wrap=True)
        raise typer.Exit(USAGE) from None
    out.print(f"[bold]{profile.id} {profile.name}[/] {say(profile.title)}")
    out.print(say(scenario.arithmetic), soft_wrap=True, markup=False)
    figures = _figures(replaced or [])
    for figure, assumed in scenario.assumptions.items():
        value = figures.get(figure, assumed.value)
        out.print(f"  {figure} = {value:g}  {say(assumed.meaning)}", soft_wrap=True, markup=False)
    low, high = (profile.rate * factor for factor in (profile.shape.mean, profile.shape.highest))
    out.print(f"{say(_MEAN)} {low:.1f}, {say(_HIGHEST)} {high:.1f}, {profile.duration_s:.0f} s")
    out.print(_drawn(profile.shape.at, high), markup=False)
    for threshold in with_soundness(profile.thresholds):
        out.print(f"  {threshold}", markup=False)


def _asked(
    subject: "SystemUnderTest", profile: str, scale: str, duration: float, workers: int
) -> "LoadPromise":
    return _promise(subject, profile, scale, duration, {}, workers)


def _playing(workers: int, engine: str) -> "Playing":
    from lab.load.engine import NAMES  # noqa: PLC0415
    from lab.load.playing import Playing  # noqa: PLC0415

    if engine not in NAMES:
        message = f"--engine is {' or '.join(NAMES)}, not {engine!r}."
        raise ValueError(message)
    return Playing(workers, engine)


def _promise(
    subject: "SystemUnderTest",
    profile: str,
    scale: str,
    duration: float,
    figures: dict[str, float],
    workers: int,
) -> "LoadPromise":
    """Return the promise of the manifest with what the command line says otherwise.

    Raises:
        ValueError: the application is no server, or the scale is none.
        LoadError: the profile or a figure of it is unknown, or it is more than a run holds.
    """
    from lab.load.catalogue import scenario_named  # noqa: PLC0415
    from lab.load.plan import refuse_absurd  # noqa: PLC0415
    from lab.model.target import LoadPromise  # noqa: PLC0415

    if subject.server is None:
        message = (
            "A profile is sent to a server, and this application is a client only: `lab load pull` lets "
            "events happen to it, or give it a [server]."
        )
        raise ValueError(message)
    own = subject.load or LoadPromise()
    assumptions = {**(own.assumptions if profile in {"", own.profile} else {}), **figures}
    chosen = scenario_named(profile or own.profile).profile(assumptions)
    promise = LoadPromise(
        profile=chosen.name,
        duration_s=duration or (chosen.duration_s if profile else own.duration_s),
        scale=times(scale) if scale else own.scale,
        assumptions=assumptions,
    )
    refuse_absurd(chosen, promise.duration_s, promise.scale, workers)
    return promise


def _drawn(factor: Callable[[float], float], highest: float) -> str:
    """Return the shape over the run as one line of bars, highest full."""
    shares = [(number + 0.5) / _WIDTH for number in range(_WIDTH)]
    top = max(factor(share) for share in shares)
    bars = "".join(_BARS[round(factor(share) / top * (len(_BARS) - 1))] for share in shares)
    return f"  {bars} {highest:.0f}/s"


def _figures(replaced: list[str]) -> dict[str, float]:
    figures = {}
    for text in replaced:
        name, _, value = text.partition("=")
        try:
            figures[name] = float(value)
        except ValueError:
            message = f"--set is FIGURE=NUMBER, such as flows=700, not {text!r}."
            raise ValueError(message) from None
    return figures


def _tell(folder: "RunFolder") -> None:
    """Print what was measured of each profile."""
    from lab.certification.document import read  # noqa: PLC0415

    for result in read(folder.document)["load"]:
        _tell_one(result)


def _tell_one(result: Mapping[str, Any]) -> None:
    """Print what was measured of one profile."""
    tongue = language()
    out.print(f"\n[bold]{result['profile']}[/] {result['title'][tongue]}")
    rates = f"{result['achieved_rate']:.1f} / {result['target_rate']:.1f}"
    out.print(say(_COUNTS).format(result["requests"], rates, result["errors"], result["leaks"]))
    for said in (result.get("aborted"), result["invalid_reason"], *result.get("notes", ())):
        if said:
            out.print(f"[yellow]![/] {escape(said[tongue])}", soft_wrap=True)
    table = Table("", "n", "p50", "p95", "p99", say(_SERVICE), box=None, pad_edge=False)
    for route in result["routes"]:
        figures = (route["p50"], route["p95"], route["p99"], route["service_p95"])
        table.add_row(
            route["name"], str(route["count"]), *(f"{v:.1f}" if v is not None else "–" for v in figures)
        )
    out.print(table)
    tell_thresholds(result["thresholds"])
    if result.get("answers"):
        tell_answers(result["answers"])
    if result.get("baseline"):
        load_compare.tell_baseline(result["baseline"])


_WIDTH = 60
_BARS = " ▁▂▃▄▅▆▇█"
_SERVICE = Text(fr="p95 de service (ms)", en="p95 service (ms)")
_COUNTS = Text(fr="{} requêtes, {} /s, {} erreurs, {} fuites", en="{} requests, {} /s, {} errors, {} leaks")
_MEAN = Text(fr="requêtes/s : moyenne", en="requests/s: mean")
_HIGHEST = Text(fr="pointe", en="peak")
