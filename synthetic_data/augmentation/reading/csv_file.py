"""Read a CSV file into named columns of text, or say what is wrong with it."""

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from synthetic_data.augmentation.refusal import Refusal

MISSING = frozenset({"", "na", "n/a", "nan", "null"})


@dataclass(frozen=True, slots=True)
class TextTable:
    """The header and the cells of a file, as text; a missing cell is an empty text."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, position: int) -> list[str]:
        """Give the cells of one column, from top to bottom."""
        return [row[position] for row in self.rows]


def read_csv(path: Path) -> TextTable:
    """Read `path` (UTF-8, comma or semicolon).

    Raises:
        Refusal: the file is absent, not UTF-8 text, has no header, repeats a name or has a ragged line.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Refusal(
            f"Fichier CSV attendu : {path} ; lecture impossible ({error.strerror}). Indiquez un dossier qui "
            f"contient {path.name}.",
            f"Expected the CSV file {path}; it cannot be read ({error.strerror}). Give a folder that holds "
            f"{path.name}.",
        ) from error
    except UnicodeDecodeError as error:
        raise Refusal(
            f"Texte UTF-8 attendu dans {path} ; octet {error.start} illisible. Réenregistrez le fichier en "
            "CSV UTF-8.",
            f"Expected UTF-8 text in {path}; byte {error.start} cannot be read. Save the file again as UTF-8 "
            "CSV.",
        ) from error
    lines = text.splitlines()
    separator = ";" if lines and ";" in lines[0] and "," not in lines[0] else ","
    try:
        records = [record for record in csv.reader(lines, delimiter=separator, strict=True) if record]
    except csv.Error as error:
        raise Refusal(
            f"CSV attendu dans {path} ; guillemets mal fermés ou caractère illisible ({error}). Exportez le "
            "fichier à nouveau.",
            f"Expected CSV in {path}; a quote is not closed or a character cannot be read ({error}). Export "
            "the file again.",
        ) from error
    if not records:
        raise Refusal(
            f"Une ligne d'en-tête est attendue dans {path} ; le fichier est vide. Exportez la cohorte "
            "à nouveau.",
            f"Expected a header line in {path}; the file is empty. Export the cohort again.",
        )
    names = tuple(name.strip() for name in records[0])
    _refuse_names(path, names)
    return TextTable(names, tuple(_row(path, names, at, record) for at, record in enumerate(records[1:], 2)))


def _refuse_names(path: Path, names: tuple[str, ...]) -> None:
    if "" in names:
        raise Refusal(
            f"Un nom est attendu pour chaque colonne de {path} ; la colonne {names.index('') + 1} n'en a "
            "pas. Nommez-la ou retirez-la.",
            f"Expected a name for every column of {path}; column {names.index('') + 1} has none. Name it or "
            "remove it.",
        )
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if repeated:
        raise Refusal(
            f"Des noms de colonnes distincts sont attendus dans {path} ; « {repeated[0]} » revient plusieurs "
            "fois. Renommez ou retirez les doublons.",
            f'Expected distinct column names in {path}; "{repeated[0]}" comes more than once. Rename '
            "or remove the duplicates.",
        )


def _row(path: Path, names: tuple[str, ...], at: int, record: list[str]) -> tuple[str, ...]:
    if len(record) != len(names):
        raise Refusal(
            f"{len(names)} cellules sont attendues par ligne dans {path} ; l'enregistrement {at} en a "
            f"{len(record)}. Corrigez-le.",
            f"Expected {len(names)} cells a line in {path}; record {at} has {len(record)}. Mend it.",
        )
    return tuple("" if cell.strip().lower() in MISSING else cell.strip() for cell in record)
