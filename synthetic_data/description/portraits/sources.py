"""What is published and what is assumed: the origin of each figure of the distribution tables.

It describes the tables of this laboratory, from which the folder was drawn if its version is this one.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from synthetic_data.tables import table

PUBLISHED, MIXED, ASSUMED = "published", "mixed", "assumed"
CHOSEN, WORDED, UNSAID = "chosen", "worded", "unsaid"
_DETAILED = ("volumes", "proportions")
_BEGINNINGS = (
    ("illustrative", ASSUMED),
    ("assumption", ASSUMED),
    ("choice", CHOSEN),
    ("own wording", WORDED),
    ("normal wording", WORDED),
)
# Tables whose origin is said once, in the guide of the hospital (synthetic_data/README.md).
_SAID_ELSEWHERE = {
    "population": "INSEE RP2020 POP1B, Toulouse; columns `recours` and `deces` illustrative",
    "communes": "INSEE and La Poste, through etalab decoupage-administratif 6.0.0 (Licence Ouverte)",
    "sites": "FINESS public register",
    "rythmes": "DREES 2023 and ORU Midi-Pyrénées margins where said, illustrative otherwise",
    "motifs_urgences": "DREES 2023 and ORU Midi-Pyrénées margins where said, illustrative otherwise",
    "urgences_sorties": "DREES 2023 and ORU Midi-Pyrénées margins where said, illustrative otherwise",
    "structures": "own arrangement",
    "equipes": "own arrangement",
    "specialites": "ANS TRE_R38 labels",
    **dict.fromkeys(("noms", "prenoms", "pays", "voies"), "own lists, illustrative weights"),
    **dict.fromkeys(("maladies", "labo_references", "labo_etats", "bilans"), "values illustrative"),
}
_NATURES = {
    **dict.fromkeys(("communes", "sites", "specialites"), PUBLISHED),
    **dict.fromkeys(("structures", "equipes"), CHOSEN),
    **dict.fromkeys(("noms", "prenoms", "pays", "voies"), ASSUMED),
    **dict.fromkeys(("maladies", "labo_references", "labo_etats", "bilans"), ASSUMED),
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a figure (`name`, `value`) or several rows of a table (`rows`) come from.

    `nature`: one of the constants above; `source`: as the table says it, empty when it does not.
    """

    table: str
    name: str
    value: str
    rows: int
    nature: str
    source: str


@dataclass(frozen=True, slots=True)
class Certainty:
    """Codes of a table by certainty: S, agrees with a second public source; A, knowledge of the author."""

    table: str
    sure: int
    author: int
    others: int


@dataclass(frozen=True, slots=True)
class Sources:
    """`figures`: one by one; `tables`: those of the other tables, by source; `certainties`: of codes."""

    figures: tuple[Origin, ...]
    tables: tuple[Origin, ...]
    certainties: tuple[Certainty, ...]


def sources() -> Sources:
    """Read the origins from the tables themselves."""
    return Sources(tuple(_figures()), tuple(_tables()), tuple(_certainties()))


def nature_of(source: str) -> str:
    """Tell what kind of origin a cell of a `source` column announces."""
    return next(
        (nature for start, nature in _BEGINNINGS if source.startswith(start)), PUBLISHED if source else UNSAID
    )


def _figures() -> Iterator[Origin]:
    for name in _DETAILED:
        for row in table(name):
            label, value = list(row.values())[:2]
            yield Origin(name, label, value, 1, nature_of(row["source"]), row["source"])


def _tables() -> Iterator[Origin]:
    for name in _names():
        columns = table(name)[0]
        if "source" in columns and name not in _DETAILED:
            natures = Counter(nature_of(row["source"]) for row in table(name))
            for nature, rows in natures.items():
                said = {row["source"] for row in table(name) if nature_of(row["source"]) == nature}
                yield Origin(name, "", "", rows, nature, said.pop() if len(said) == 1 else "")
        elif not columns.keys() & {"source", "certitude"}:
            said_elsewhere = _SAID_ELSEWHERE.get(name, "")
            nature = _NATURES.get(name, MIXED if said_elsewhere else UNSAID)
            yield Origin(name, "", "", len(table(name)), nature, said_elsewhere)


def _certainties() -> Iterator[Certainty]:
    for name in _names():
        if "certitude" in table(name)[0]:
            counts = Counter(row["certitude"] for row in table(name))
            yield Certainty(name, counts["S"], counts["A"], counts.total() - counts["S"] - counts["A"])


def _names() -> list[str]:
    found = (files("synthetic_data") / "distributions").iterdir()
    return sorted(one.name.removesuffix(".csv") for one in found if one.name.endswith(".csv"))
