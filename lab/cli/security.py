"""``lab security prove``: random requests over pairs of worlds, until something leaks or nothing did."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from lab.cli.attack import attack
from lab.cli.console import err, out, say
from lab.cli.default_command import WithDefault
from lab.cli.exit_codes import USAGE
from lab.cli.mutants import mutants
from lab.model.text import Text

if TYPE_CHECKING:
    from lab.proof.case import Case
    from lab.proof.plan import Outcome, Plan

NOT_PROVEN = 1
_EVERY_S = 5.0
_ENGINES = ("noninterference", "differential", "completeness")
_SHARES = {"differential": 10, "completeness": 20}
"""Of ``all``, one request in so many goes to the slower engines."""


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        cls=WithDefault,
        help="The five levels: attack an application (`lab security APP.toml`), prove the gateway.",
        no_args_is_help=True,
    )
    group.command("attack")(attack)
    group.command("prove")(prove)
    group.command("mutants")(mutants)
    group.callback()(lambda: None)
    app.add_typer(group, name="security")


def prove(  # noqa: PLR0913 - the options of a command
    *,
    seed: Annotated[int, typer.Option(help="The same seed asks the same requests of the same worlds.")] = 1,
    requests: Annotated[int, typer.Option(min=1, help="How many requests are asked.")] = 5000,
    worlds: Annotated[
        int, typer.Option(min=0, help="Over how many pairs of worlds; 0: one for 200 requests.")
    ] = 0,
    processes: Annotated[int, typer.Option(min=1, max=64, help="How many processes prove.")] = 1,
    engine: Annotated[
        str, typer.Option(help="noninterference, differential, completeness or all.")
    ] = "noninterference",
    slant: Annotated[str, typer.Option(help="What the worlds are drawn for, as docs/proof.md says.")] = "",
    keep_going: Annotated[bool, typer.Option("--keep-going", help="Count every pair that fails.")] = False,
    replay: Annotated[Path | None, typer.Option(help="Ask a failing case again, from its file.")] = None,
    case: Annotated[Path, typer.Option(help="Where the failing case is written.")] = Path(
        "failing-case.json"
    ),
    as_json: Annotated[Path | None, typer.Option("--json", help="Write the summary to this file.")] = None,
) -> None:
    """Prove, or show the smallest request found that tells two worlds apart."""
    from lab.proof.plan import Plan  # noqa: PLC0415
    from lab.proof.slants import SLANTS  # noqa: PLC0415

    if slant and slant not in SLANTS:
        _refuse(
            Text(
                fr=f"--slant vaut {slant} : attendu {', '.join(SLANTS)} ou rien.",
                en=f"--slant is {slant}: expected {', '.join(SLANTS)} or nothing.",
            )
        )
    if engine not in {*_ENGINES, "all"}:
        _refuse(
            Text(
                fr=f"--engine vaut {engine} : attendu {', '.join(_ENGINES)} ou all.",
                en=f"--engine is {engine}: expected {', '.join(_ENGINES)} or all.",
            )
        )
    if replay is not None:
        raise typer.Exit(_replayed(replay))
    failed = False
    summaries = []
    for name in _ENGINES if engine == "all" else (engine,):
        share = max(1, requests // _SHARES.get(name, 1)) if engine == "all" else requests
        pairs = max(1, worlds * share // requests) if worlds else 0
        plan = Plan(seed, share, name, pairs, stop=not keep_going, slant=slant)
        begun = time.monotonic()
        outcome = _run(plan, processes)
        summaries.append(_summary(plan, outcome, time.monotonic() - begun))
        _show(summaries[-1])
        if outcome.failures:
            failed = True
            _show_failure(outcome.failures[0], case)
    if as_json is not None:
        as_json.write_text(json.dumps(summaries, indent=2) + "\n")
    raise typer.Exit(NOT_PROVEN if failed else 0)


def _refuse(text: Text) -> None:
    err.print(f"[bold red]✗[/] {say(text)}", soft_wrap=True)
    raise typer.Exit(USAGE)


def _run(plan: "Plan", processes: int) -> "Outcome":
    from lab.proof import prove as proving  # noqa: PLC0415

    begun = last = time.monotonic()

    def progress(outcome: "Outcome") -> None:
        nonlocal last
        if (now := time.monotonic()) - last < _EVERY_S:
            return
        last, failures = now, len(outcome.failures)
        rate = outcome.requests / (now - begun)
        text = Text(
            fr=f"{outcome.requests} requêtes, {outcome.pairs} paires, {failures} échecs, {rate:.0f}/s",
            en=f"{outcome.requests} requests, {outcome.pairs} pairs, {failures} failures, {rate:.0f}/s",
        )
        err.print(say(text))

    if processes > 1:
        return proving.prove_in_processes(plan, processes, progress)
    return proving.prove(plan, progress=progress)


def _summary(plan: "Plan", outcome: "Outcome", seconds: float) -> dict[str, object]:
    tally = outcome.tally
    judged = tally.modelled + tally.unmodelled.total()
    kinds: dict[str, dict[str, int]] = {}
    for (kind, status), times in sorted(outcome.kinds.items()):
        kinds.setdefault(kind, {})[str(status)] = times
    return {
        "engine": plan.engine,
        "seed": plan.seed,
        "slant": plan.slant,
        "requests": outcome.requests,
        "planned": plan.requests,
        "pairs": outcome.pairs,
        "permissions": len(outcome.permissions),
        "permissions_not_compiled": outcome.skipped.total(),
        "failures": len(outcome.failures),
        "seconds": round(seconds, 1),
        "unmodelled_share": round(tally.unmodelled.total() / judged, 4) if judged else None,
        "unmodelled": dict(tally.unmodelled.most_common()),
        "visible_expected": tally.expected,
        "visible_returned": tally.returned,
        "kinds": kinds,
    }


def _show(summary: dict[str, object]) -> None:
    rows: tuple[tuple[Text, object], ...] = (
        (Text(fr="moteur", en="engine"), summary["engine"]),
        (Text(fr="requêtes", en="requests"), summary["requests"]),
        (Text(fr="paires de mondes", en="pairs of worlds"), summary["pairs"]),
        (Text(fr="Permissions distinctes", en="distinct Permissions"), summary["permissions"]),
        (Text(fr="Permissions écartées", en="Permissions left out"), summary["permissions_not_compiled"]),
        (Text(fr="différences", en="differences"), summary["failures"]),
        (Text(fr="secondes", en="seconds"), summary["seconds"]),
    )
    if summary["unmodelled_share"] is not None:
        recall = f"{summary['visible_returned']} / {summary['visible_expected']}"
        rows += (
            (Text(fr="part non modélisée", en="unmodelled share"), summary["unmodelled_share"]),
            (Text(fr="visible rendu / attendu", en="visible returned / expected"), recall),
        )
    for name, value in rows:
        out.print(f"{say(name):28} {value}", soft_wrap=True)
    kinds = summary["kinds"]
    table = Table(say(Text(fr="requête", en="request")), say(Text(fr="réponses", en="answers")), box=None)
    for kind, statuses in kinds.items() if isinstance(kinds, dict) else ():
        table.add_row(kind, ", ".join(f"{status}: {times}" for status, times in statuses.items()))
    out.print(table)


def _show_failure(case: "Case", path: Path) -> None:
    from lab.proof.shrinking import shrunk  # noqa: PLC0415

    err.print(say(Text(fr="Un échec : réduction…", en="A failure: shrinking…")))
    small = shrunk(case)
    small.save(path)
    told = Text(
        fr=f"✗ {small.engine}, monde {small.pair}, après {small.requests} requêtes : {small.where}",
        en=f"✗ {small.engine}, world {small.pair}, after {small.requests} requests: {small.where}",
    )
    out.print(say(told), soft_wrap=True, markup=False)
    for step in small.steps[:-1]:
        query = f"?{step.query}" if step.query else ""
        out.print(f"  {step.method} /{step.path}{query}", soft_wrap=True, markup=False)
    for line in small.detail:
        out.print(f"  {line[:1500]}", soft_wrap=True, markup=False)
    out.print(f"lab security prove --replay {path}", soft_wrap=True, markup=False)


def _replayed(path: Path) -> int:
    from lab.proof.case import CaseError, load_case  # noqa: PLC0415
    from lab.proof.pair import pair  # noqa: PLC0415
    from lab.proof.prove import examine  # noqa: PLC0415

    try:
        known = load_case(path)
    except CaseError as error:
        err.print(f"[bold red]✗[/] {error}", soft_wrap=True)
        raise typer.Exit(USAGE) from None
    failures = examine(known.engine, pair(known.pair), iter(known.steps)).failures
    for found in failures:
        out.print(f"✗ {found.where}", markup=False)
        for line in found.detail:
            out.print(f"  {line[:1500]}", soft_wrap=True, markup=False)
    if not failures:
        out.print(say(Text(fr="Le cas n'échoue plus.", en="The case fails no more.")))
    return NOT_PROVEN if failures else 0
