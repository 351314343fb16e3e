"""``lab data generate``: write the synthetic hospital into a folder."""

import math
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from lab.cli.console import out, say
from lab.cli.data.failing import one_sentence, refuse
from lab.cli.data.progress import bar
from lab.model.text import Text

if TYPE_CHECKING:
    from synthetic_data.folder.generate import Shard
    from synthetic_data.folder.manifest import Manifest
    from synthetic_data.plan import HospitalPlan

_MEGABYTE = 1_000_000


def generate(
    out_: Annotated[Path, typer.Option("--out", help="An empty folder, or one to resume.")],
    scale: Annotated[str, typer.Option(help="Part of the hospital: 1.0 is its year 2023.")] = "1.0",
    seed: Annotated[str, typer.Option(help="Same seed, same bytes.")] = "2023",
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=256, help="Processes [as many as cores]; same bytes whatever it is."),
    ] = None,
    format_: Annotated[str, typer.Option("--format", help="ndjson.zst or ndjson.")] = "ndjson.zst",
    shard: Annotated[str, typer.Option(help="Only part I/N, e.g. 2/8: see `lab data join`.")] = "",
) -> None:
    """Write one hospital into one folder, or resume an interrupted one."""
    from synthetic_data.folder.block_part import FORMATS  # noqa: PLC0415
    from synthetic_data.folder.generate import generate_folder  # noqa: PLC0415

    if format_ not in FORMATS:
        raise refuse(
            Text(
                fr=f"--format attend {' ou '.join(FORMATS)}, reçu « {format_} ».",
                en=f"--format expects {' or '.join(FORMATS)}, got {format_!r}.",
            )
        )
    plan, part = _plan(scale, seed), _shard(shard)
    began = time.monotonic()
    with one_sentence(resumable=True), bar() as shown:
        task = shown.add_task(
            say(Text(fr="Blocs de 2 000 patients", en="Blocks of 2,000 patients")), total=None
        )
        manifest = generate_folder(
            plan,
            out_,
            workers=workers or os.cpu_count() or 1,
            format_=format_,
            shard=part,
            progress=lambda done, total: shown.update(task, completed=done, total=total),
        )
    if manifest is None:
        out.print(
            say(
                Text(
                    fr=f"Partie {shard} écrite dans {out_} : assembler toutes les parties par `lab data "
                    "join`.",
                    en=f"Part {shard} written into {out_}: put all parts together with `lab data join`.",
                )
            ),
            soft_wrap=True,
        )
    else:
        show(manifest, out_, time.monotonic() - began)


def _plan(scale: str, seed: str) -> "HospitalPlan":
    from synthetic_data.facts.volumes import YEAR  # noqa: PLC0415
    from synthetic_data.plan import END_OF_2023, MOST_PATIENTS, HospitalPlan  # noqa: PLC0415

    whole = YEAR["patients"]
    number = _number(scale)
    if not (math.isfinite(number) and 1 <= round(number * whole) <= MOST_PATIENTS):
        raise refuse(
            Text(
                fr=f"--scale attend un nombre de {1 / whole:.7f} (un patient) à 22, reçu « {scale} » ; 1.0 "
                "est l'année 2023 entière.",
                en=f"--scale expects a number from {1 / whole:.7f} (one patient) to 22, got {scale!r}; 1.0 "
                "is "
                "the whole year 2023.",
            )
        )
    if not (seed.isascii() and seed.isdigit() and int(seed) < 2**63):
        raise refuse(
            Text(
                fr=f"--seed attend un entier de 0 à 2^63 - 1, reçu « {seed} ».",
                en=f"--seed expects a whole number from 0 to 2^63 - 1, got {seed!r}.",
            )
        )
    return HospitalPlan(int(seed), round(number * whole), END_OF_2023, recent=0.0)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _shard(text: str) -> "Shard | None":
    from synthetic_data.folder.generate import Shard  # noqa: PLC0415

    if not text:
        return None
    index, _, of = text.partition("/")
    try:
        return Shard(int(index), int(of))
    except ValueError:
        raise refuse(
            Text(
                fr=f"--shard attend I/N avec 1 ≤ I ≤ N (par exemple 2/8), reçu « {text} ».",
                en=f"--shard expects I/N with 1 ≤ I ≤ N (2/8 for instance), got {text!r}.",
            )
        ) from None


def show(manifest: "Manifest", folder: Path, seconds: float) -> None:
    """Print what a folder holds."""
    table = Table(box=None, pad_edge=False)
    table.add_column(say(Text(fr="Fichier", en="File")))
    for title in (
        Text(fr="ressources", en="resources"),
        Text(fr="Mo", en="MB"),
        Text(fr="SHA-256", en="SHA-256"),
    ):
        table.add_column(say(title), justify="right")
    for file in manifest.files:
        table.add_row(file.name, f"{file.lines:,}", f"{file.bytes / _MEGABYTE:,.1f}", file.sha256[:16])
    table.add_row("[bold]total", f"[bold]{manifest.lines:,}", f"[bold]{manifest.bytes / _MEGABYTE:,.1f}", "")
    out.print(table)
    rate = manifest.lines / max(seconds, 1e-9)
    out.print(
        say(
            Text(
                fr=f"Hôpital complet dans {folder} : {seconds:.1f} s, {rate:,.0f} ressources par seconde.",
                en=f"Complete hospital in {folder}: {seconds:.1f} s, {rate:,.0f} resources a second.",
            )
        ),
        soft_wrap=True,
    )
