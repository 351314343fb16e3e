"""Write the folder of results so that an interrupted run never looks complete."""

import contextlib
import csv
import dataclasses
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from synthetic_data.augmentation.reading.cohort import COHORT, COLUMNS
from synthetic_data.augmentation.refusal import Refusal
from synthetic_data.augmentation.report.document import Report
from synthetic_data.augmentation.report.markdown import markdown
from synthetic_data.augmentation.report.wording import Language
from synthetic_data.augmentation.table import Column, Table

AUGMENTED = "augmented.csv"
_BLOCK = 50_000


def refuse_output(out: Path) -> None:
    """Let an output folder pass when it is new or empty, and writable; nothing is left there.

    Raises:
        Refusal: it is a file, holds something, or cannot be written.
    """
    try:
        taken = out.exists() and (not out.is_dir() or any(out.iterdir()))
    except OSError:
        taken = False  # said below: not writable
    if taken:
        raise Refusal(
            f"Un dossier de sortie vide ou nouveau est attendu ; {out} contient déjà quelque chose. "
            "Choisissez un autre --out.",
            f"Expected an empty or new output folder; {out} holds something already. Choose another --out.",
        )
    # Permissions do not tell everything (a read-only disk, /proc): the folder is made, then taken back.
    missing = [folder for folder in (out, *out.absolute().parents) if not folder.exists()]
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / ".part"
        probe.touch()
        probe.unlink()
    except OSError as error:
        _unwritable(out, str(error.strerror))
    finally:
        for folder in missing:
            with contextlib.suppress(OSError):
                folder.rmdir()


def write_outputs(folder: Path, out: Path, released: Table, report: Report, language: Language) -> None:
    """Write the four files under `.part` names, then give them their names, the manifest last.

    Raises:
        Refusal: the disk refuses; what was written is removed.
    """
    parts: list[Path] = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        document = dataclasses.asdict(report)
        texts = {
            AUGMENTED: _csv(released),
            "report.json": iter([json.dumps(document, indent=1, ensure_ascii=False) + "\n"]),
            "report.md": iter([markdown(report, language)]),
        }
        sums: dict[str, str] = {}
        for name, pieces in texts.items():
            parts.append(out / f"{name}.part")
            sums[name] = _write(parts[-1], pieces)
        parts.append(out / "manifest.json.part")
        _write(parts[-1], iter([json.dumps(_manifest(folder, report, sums), indent=1) + "\n"]))
        for part in parts:
            part.replace(part.with_suffix(""))
    except OSError as error:
        _unwritable(out, str(error.strerror))
    finally:
        for part in parts:
            part.unlink(missing_ok=True)


def _manifest(folder: Path, report: Report, sums: dict[str, str]) -> dict[str, object]:
    inputs = [path for path in (folder / COHORT, folder / COLUMNS) if path.exists()]
    return {
        "method": report.method,
        "numpy": np.__version__,
        "seed": report.seed,
        "rows": report.rows,
        "privacy_holds": report.privacy_holds,
        "fidelity_holds": report.fidelity_holds,
        "conclusive": report.conclusive,
        "inputs_sha256": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in inputs},
        "outputs_sha256": sums,
    }


def _write(path: Path, pieces: Iterator[str]) -> str:
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for piece in pieces:
            data = piece.encode()
            digest.update(data)
            file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


class _Lines(list[str]):
    """What the csv writer needs of a file."""

    write = list.append


def _csv(table: Table) -> Iterator[str]:
    header = _Lines()
    csv.writer(header, lineterminator="\n").writerow([column.name for column in table.columns])
    yield "".join(header)
    for at in range(0, len(table), _BLOCK):
        block = table.cells[at : at + _BLOCK]
        texts = [_texts(column, block[:, place]) for place, column in enumerate(table.columns)]
        lines = _Lines()
        csv.writer(lines, lineterminator="\n").writerows(zip(*texts, strict=True))
        yield "".join(lines)


def _texts(column: Column, cells: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[str]:
    if column.is_numeric:
        return [f"{cell:.{column.decimals}f}" if cell == cell else "" for cell in cells.tolist()]  # noqa: PLR0124
    return ["" if cell != cell else column.levels[int(cell)] for cell in cells.tolist()]  # noqa: PLR0124 - NaN


def _unwritable(out: Path, why: str) -> None:
    raise Refusal(
        f"Un dossier de sortie où écrire est attendu ; {out} s'y refuse ({why}). Choisissez un autre --out.",
        f"Expected an output folder that can be written; {out} cannot ({why}). Choose another --out.",
    )
