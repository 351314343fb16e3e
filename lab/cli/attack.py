"""``lab security APP.toml``: the five-level probes against an application, the level matrix, what to mend."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from lab.cli.certify import Live, Manifest, Out, Patients, Seed, summary
from lab.cli.console import err, language, out, say
from lab.cli.exit_codes import USAGE
from lab.model.text import Text
from lab.model.words import Suite

if TYPE_CHECKING:
    from lab.certification.folder import RunFolder

_PROOF, _USUAL = 5000, 200


def attack(
    manifest: Manifest,
    *,
    level: Annotated[
        list[int] | None, typer.Option(min=1, max=5, help="Only the probes of this level (repeatable).")
    ] = None,
    probe: Annotated[list[str] | None, typer.Option(help="Only this probe (repeatable).")] = None,
    prove: Annotated[
        bool, typer.Option("--prove", help=f"Ask {_PROOF} random requests of two instances, not {_USUAL}.")
    ] = False,
    out_: Out = Path("runs"),
    seed: Seed = 2023,
    patients: Patients = 1000,
) -> None:
    """Attack an application with the probes of the five levels and judge its security alone."""
    from lab.certification.certify import Options, certify  # noqa: PLC0415
    from lab.manifest import ManifestError, read_manifest  # noqa: PLC0415

    try:
        subject = read_manifest(manifest)
        only = _chosen(level or [], probe or [])
    except (ManifestError, ValueError) as error:
        err.print(f"[bold red]✗[/] {error}", soft_wrap=True)
        raise typer.Exit(USAGE) from None
    security = frozenset({Suite.SECURITY})
    words = [f"lab security {manifest.name}", *(f"--level {n}" for n in level or ())]
    words += [*(f"--probe {id_}" for id_ in probe or ()), *(["--prove"] if prove else [])]
    options = Options(
        out=out_,
        seed=seed,
        patients=patients,
        suites=security,
        asked=security if not only else frozenset(Suite),  # of some probes alone nothing conforms
        only=only,
        requests=_PROOF if prove else _USUAL,
        command=" ".join([*words, f"--seed {seed}", f"--patients {patients}"]),
    )
    with Live() as live:
        folder = certify(subject, options, live)
    _show(folder)
    raise typer.Exit(summary(folder))


def _chosen(levels: list[int], probes: list[str]) -> frozenset[str]:
    """Return the probes that were asked for, none when all are.

    Raises:
        ValueError: one of them is no probe, with a sentence that says what to do.
    """
    from lab.engine.catalogue import catalogue  # noqa: PLC0415

    known = {id_: card for id_, card in catalogue().items() if card.suite is Suite.SECURITY}
    for id_ in probes:
        if id_ not in known:
            message = f"There is no probe {id_}: see `lab checks list`."
            raise ValueError(message)
    return frozenset(probes) | {id_ for id_, card in known.items() if card.level in levels}


def _show(folder: "RunFolder") -> None:
    """Print what failed, each with its request to replay."""
    from lab.certification.document import read  # noqa: PLC0415
    from reports.replay import replay  # noqa: PLC0415

    run = read(folder.document)
    tongue = language()
    exchanges = {exchange["id"]: exchange for exchange in run["exchanges"]}
    failed = [finding for finding in run["findings"] if finding["outcome"] == "fail"]
    for finding in failed:
        out.print(
            f"\n✗ {finding['check']} [{finding['severity']}] {finding['message'][tongue]}", markup=False
        )
        out.print(f"  → {finding['remedy'][tongue]}", soft_wrap=True, markup=False)
        for id_ in finding["evidence"][:1]:
            if id_ in exchanges:
                out.print(f"  {replay(exchanges[id_])}", soft_wrap=True, markup=False)
    out.print(_matrix(run, tongue))


def _matrix(run: dict[str, Any], tongue: str) -> Table:
    columns = (
        Text(fr="niveau", en="level"),
        Text(fr="état", en="status"),
        Text(fr="pire sonde", en="worst probe"),
    )
    table = Table(*(say(column) for column in columns), "✓", "✗", "◐", "–", box=None, pad_edge=False)
    for row in run["verdict"]["levels"]:
        counts = (str(row[name]) for name in ("passed", "failed", "skipped", "omitted"))
        status = say(_STATUSES[row["status"]])
        table.add_row(f"{row['level']} {row['name'][tongue]}", status, row["worst"] or "", *counts)
    return table


_STATUSES = {
    "enforced": Text(fr="tenu", en="enforced"),
    "breached": Text(fr="percé", en="breached"),
    "not_demonstrated": Text(fr="non démontré", en="not demonstrated"),
    "not_applicable": Text(fr="sans objet", en="not applicable"),
}
