"""Tell the kind of each column: declared in columns.csv, or inferred from its cells."""

import re
from pathlib import Path

from synthetic_data.augmentation.reading.csv_file import TextTable, read_csv
from synthetic_data.augmentation.refusal import Refusal
from synthetic_data.augmentation.table import OTHER, Column, Kind

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?")
_PAIRS = (
    {"0", "1"},
    {"true", "false"},
    {"oui", "non"},
    {"yes", "no"},
    {"vrai", "faux"},
    {"o", "n"},
    {"y", "n"},
)
_KINDS: dict[str, Kind] = {
    "number": "number",
    "integer": "integer",
    "category": "category",
    "boolean": "boolean",
}
_MOST_DECIMALS = 6
_BOOLEAN = 2


def declared(path: Path, names: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Read columns.csv (column, kind[, decimals, low, high]) by column name; nothing when it is absent.

    Raises:
        Refusal: a kind is unknown or a column is not in the cohort.
    """
    if not path.exists():
        return {}
    table = read_csv(path)
    rows = [dict(zip(table.names, row, strict=True)) for row in table.rows]
    for row in rows:
        if row.get("column") not in names or row.get("kind") not in _KINDS:
            raise Refusal(
                f"Chaque ligne de {path} doit porter le nom d'une colonne de la cohorte (column) et un kind "
                f"parmi {', '.join(_KINDS)} ; reçu {row}. Corrigez-la.",
                f"Every line of {path} must carry a column of the cohort (column) and a kind among "
                f"{', '.join(_KINDS)}; got {row}. Mend it.",
            )
    return {row["column"]: row for row in rows}


def column_of(table: TextTable, position: int, wanted: dict[str, str]) -> Column:
    """Describe one column from its cells and what columns.csv says of it (empty: infer everything).

    Raises:
        Refusal: the cells contradict the declared kind, or look like free text.
    """
    name = table.names[position]
    cells = [cell for cell in table.column(position) if cell]
    _refuse_decimal_commas(name, cells)
    kind = _KINDS[wanted["kind"]] if wanted else _inferred(cells)
    if kind in ("number", "integer"):
        wrong = [cell for cell in cells if not _NUMBER.fullmatch(cell)]
        if wrong:
            _contradicts(name, kind, wrong[0])
        return _numeric(name, kind, cells, wanted)
    levels = sorted(set(cells))
    if kind == "boolean" and len(levels) > _BOOLEAN:
        _contradicts(name, kind, levels[_BOOLEAN])
    if len(levels) > len(cells) / 2:
        raise Refusal(
            f"Des catégories partagées sont attendues dans « {name} » ; {len(levels)} textes différents pour "
            f"{len(cells)} cellules : texte libre ou identifiant. Retirez la colonne ou codez-la.",
            f'Expected shared categories in "{name}"; {len(levels)} different texts for {len(cells)} '
            "cells: free text or an identifier. Remove the column or code it.",
        )
    if kind == "category" and len(levels) > _BOOLEAN and OTHER not in levels:
        levels.append(OTHER)
    return Column(name, kind, levels=tuple(levels))


def _inferred(cells: list[str]) -> Kind:
    if any({cell.lower() for cell in cells} <= pair for pair in _PAIRS):
        return "boolean"
    if not all(_NUMBER.fullmatch(cell) for cell in cells):
        return "category"
    return "integer" if all(float(cell).is_integer() and "." not in cell for cell in cells) else "number"


def _numeric(name: str, kind: Kind, cells: list[str], wanted: dict[str, str]) -> Column:
    seen = max((len(cell.partition(".")[2]) for cell in cells if "e" not in cell.lower()), default=0)
    decimals = 0 if kind == "integer" else min(seen, _MOST_DECIMALS)
    bounds: dict[str, float] = {}
    for key in ("decimals", "low", "high"):
        text = wanted.get(key, "")
        if text and not _NUMBER.fullmatch(text):
            _contradicts(f"{name}.{key}", kind, text)
        if text:
            bounds[key] = float(text)
    return Column(
        name,
        kind,
        decimals=int(bounds.get("decimals", decimals)) if kind == "number" else 0,
        low=bounds.get("low"),
        high=bounds.get("high"),
    )


def _refuse_decimal_commas(name: str, cells: list[str]) -> None:
    with_comma = [cell for cell in cells if re.fullmatch(r"[+-]?\d+,\d+", cell)]
    if with_comma:
        raise Refusal(
            f"Un point décimal est attendu dans « {name} » ; reçu « {with_comma[0]} ». Remplacez les "
            "virgules.",
            f'Expected a decimal point in "{name}"; got "{with_comma[0]}". Replace the commas.',
        )


def _contradicts(name: str, kind: str, cell: str) -> None:
    raise Refusal(
        f"Le type {kind} est attendu dans la colonne « {name} » ; reçu « {cell} ». Corrigez la cellule ou "
        "columns.csv.",
        f'Expected the kind {kind} in the column "{name}"; got "{cell}". Mend the cell or columns.csv.',
    )
