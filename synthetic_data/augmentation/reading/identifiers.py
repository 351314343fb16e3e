"""Refuse a table that carries a direct identifier, by the name of its columns or by their content."""

import re
import unicodedata

from synthetic_data.augmentation.reading.csv_file import TextTable
from synthetic_data.augmentation.refusal import Refusal

# French and English words that name a person, a record or a way to reach someone. One is enough, wherever it
# stands in the name: "nom_usuel", "patientId" and "IPP local" are all refused, "covid" and "nombre" are not.
_NAMES = {"nom", "noms", "prenom", "prenoms", "name", "names", "firstname", "lastname", "surname"}
_RECORDS = {
    *(
        "ins",
        "nir",
        "nia",
        "ipp",
        "iep",
        "nip",
        "nda",
        "mrn",
        "ssn",
        "secu",
        "rpps",
        "id",
        "ids",
        "uid",
        "uuid",
    ),
    *(
        "identifiant",
        "identifiants",
        "identifier",
        "patient",
        "patientid",
        "idpatient",
        "numero",
        "matricule",
    ),
    "dossier",
}
_BIRTH = {"ddn", "naissance", "birthdate", "birthday", "dob"}
_REACH = {
    *("telephone", "tel", "phone", "mobile", "portable", "fax", "mail", "email", "courriel"),
    *("adresse", "adresses", "address", "rue", "street"),
}
_WORDS = _NAMES | _RECORDS | _BIRTH | _REACH
_CONTENTS = {
    "NIR / INS": re.compile(r"[1-478]\s?\d\d\s?\d\d\s?(\d\d|2[AB])\s?\d{3}\s?\d{3}(\s?\d\d)?"),
    "e-mail": re.compile(r"\S+@\S+\.\w+"),
    "téléphone / telephone": re.compile(r"(\+33\s?|0)[1-9]([\s.-]?\d\d){4}"),
    "date": re.compile(r"(\d{4}-\d\d-\d\d|\d\d/\d\d/\d{4})([T ].*)?"),
}
_SHARE_OF_A_KIND = 0.5
_LONG_NUMBER = 10_000_000


def refuse_identifiers(table: TextTable) -> None:
    """Let a table pass when nothing in it designates a person.

    Raises:
        Refusal: naming the first column that looks like a direct identifier.
    """
    for position, name in enumerate(table.names):
        words = _words(name)
        if words & _WORDS:
            _refuse(name, f"le mot « {min(words & _WORDS)} »", f'the word "{min(words & _WORDS)}"')
        cells = [cell for cell in table.column(position) if cell]
        for kind, pattern in _CONTENTS.items():
            if cells and sum(bool(pattern.fullmatch(cell)) for cell in cells) > _SHARE_OF_A_KIND * len(cells):
                _refuse(name, f"des valeurs de type {kind}", f"values of the kind {kind}")
        if _numbers_rows(cells):
            _refuse(name, "un numéro différent par ligne", "a different number on each line")


def _words(name: str) -> set[str]:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", plain)
    return {*re.findall(r"[a-z]+", spaced.lower()), *re.findall(r"[a-z]+", plain.lower())}


def _numbers_rows(cells: list[str]) -> bool:
    if not cells or not all(cell.isascii() and cell.isdigit() for cell in cells):
        return False
    numbers = {int(cell) for cell in cells}
    if len(numbers) < len(cells) or len(cells) == 1:
        return False
    return max(numbers) - min(numbers) == len(numbers) - 1 or min(numbers) >= _LONG_NUMBER


def _refuse(name: str, fr: str, en: str) -> None:
    raise Refusal(
        f"Aucun identifiant direct n'est attendu ; la colonne « {name} » en a l'air ({fr}). Retirez-la, ou "
        "renommez-la si ce n'en est pas un (une date se remplace par un délai).",
        f'Expected no direct identifier; the column "{name}" looks like one ({en}). Remove it, or '
        "rename it if it is none (a date is replaced by a delay).",
    )
