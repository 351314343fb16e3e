"""``lab data cohort``: the characteristics of a cohort as a table, what `lab data augment` starts from."""

import csv
from pathlib import Path
from typing import Annotated

import typer

from lab.cli.console import out, say
from lab.cli.data.failing import one_sentence, refuse
from lab.model.text import Text


def cohort(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of `lab data generate`.")],
    name: Annotated[str, typer.Option("--name", help="The cohort: see answers/cohorts.ndjson.")],
    out_: Annotated[Path, typer.Option("--out", help="The folder to make.")],
    size: Annotated[int, typer.Option(min=1, help="At most this many patients.")] = 500,
) -> None:
    """Write cohort.csv: one row for each patient of a cohort, without anything that identifies."""
    from synthetic_data.facts.characteristics import cohort_rows  # noqa: PLC0415
    from synthetic_data.facts.cohorts import COHORTS  # noqa: PLC0415
    from synthetic_data.folder.manifest import plan_of, read_manifest  # noqa: PLC0415

    known = {one.name: one for one in COHORTS}
    if name not in known:
        raise refuse(
            Text(
                fr=f"--name attend une cohorte ({', '.join(known)}), reçu « {name} ».",
                en=f"--name expects a cohort ({', '.join(known)}), got {name!r}.",
            )
        )
    with one_sentence():
        plan = plan_of(read_manifest(folder).plan)
        rows = list(cohort_rows(plan, known[name], size))
        if not rows:
            raise refuse(
                Text(
                    fr=f"La cohorte {name} n'a aucun patient dans {folder} : choisir une autre cohorte ou "
                    "une "
                    "plus grande échelle.",
                    en=f"The cohort {name} has no patient in {folder}: choose another one, or a larger "
                    "scale.",
                )
            )
        out_.mkdir(parents=True, exist_ok=True)
        draft = out_ / "cohort.csv.part"
        with draft.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        draft.rename(out_ / "cohort.csv")
    made = out_ / "cohort.csv"
    said = Text(fr=f"{len(rows)} patients dans {made}.", en=f"{len(rows)} patients in {made}.")
    out.print(say(said), soft_wrap=True)
