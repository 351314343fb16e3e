"""The patients of a block: who they are, their sex and their birth date."""

from dataclasses import dataclass

import numpy as np
import orjson

from synthetic_data.verification.folder import DataFile
from synthetic_data.verification.instants import ABSENT, DAY, read_instants
from synthetic_data.verification.keys import Ints
from synthetic_data.verification.shapes import Shapes

MEN, WOMEN, OTHERS = range(3)
_SEXES = {"male": MEN, "female": WOMEN}
_FULL_DATE = len("2023-06-15")


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """`sex`: one of the constants above; `born`: days since 1970, ABSENT when not known to the day."""

    sex: Ints
    born: Ints
    deceased: int

    def __len__(self) -> int:
        """Give the number of patients."""
        return len(self.sex)


def people_of(content: bytes, _file: DataFile, _shapes: Shapes) -> People:
    """Read patients: their lines differ too much for anything but parsing each."""
    sexes, births, deceased = [], [], 0
    # One at a time: thousands of parsed resources kept together would busy the garbage collector.
    for line in filter(None, content.split(b"\n")):
        one = orjson.loads(line)
        sexes.append(_SEXES.get(one.get("gender"), OTHERS))
        births.append(str(one.get("birthDate", ""))[:_FULL_DATE].encode())
        deceased += "deceasedDateTime" in one or one.get("deceasedBoolean") is True
    if not sexes:
        return all_people([])
    born = read_instants(np.array(births, f"S{_FULL_DATE}"))
    known = born.valid & (born.known == _FULL_DATE)
    return People(np.array(sexes, np.int64), np.where(known, born.wall // DAY, ABSENT), deceased)


def all_people(parts: list[People]) -> People:
    """Put the patients of all blocks together."""
    return People(
        sex=np.concatenate([part.sex for part in parts] or [np.empty(0, np.int64)]),
        born=np.concatenate([part.born for part in parts] or [np.empty(0, np.int64)]),
        deceased=sum(part.deceased for part in parts),
    )
