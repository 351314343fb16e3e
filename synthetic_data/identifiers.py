"""French identifiers with right keys, on numbers that nobody can hold.

NIR key: 97 - (n mod 97), 2A read as 19 and 2B as 18. FINESS and RPPS: Luhn.
"""

from dataclasses import dataclass, field
from datetime import date

_CORSICA_SINCE = 1976
# In a NIR the birth place is a commune (or country) number from 001 to 990, 01 to 90 overseas, and the order
# number starts at 001. The nine numbers above 990 (90 overseas), first used with order 000, are out of reach.
_UNUSED_PLACES = 9


def nir_key(nir: str) -> str:
    """Give the 2-digit key of a 13-character NIR."""
    digits = nir.replace("2A", "19").replace("2B", "18") if nir[5:7] in ("2A", "2B") else nir
    return f"{97 - int(digits) % 97:02}"


def luhn_digit(body: str) -> str:
    """Give the digit that completes `body` into a number accepted by the Luhn rule."""
    doubled = (int(character) * (2 - rank % 2) for rank, character in enumerate(reversed(body)))
    total = sum(sum(divmod(value, 10)) for value in doubled)
    return str(-total % 10)


def rpps(number: int) -> str:
    """Give an 11-digit RPPS for a synthetic professional: real ones start with 10, ours with 99."""
    body = f"99{number:08}"
    return body + luhn_digit(body)


def opaque(number: int, seed: int, digits: int) -> str:
    """Give a number of `digits` digits (9 or more) that hides its rank; all differ below 999,999,937."""
    prime, step = 999_999_937, 387_420_489
    return f"{(seed * 7919 + number * step) % prime:0{digits}}"


@dataclass(slots=True)
class NirRegister:
    """Issues synthetic NIRs, each once, in patient order.

    Sex, year, month and department are the person's own; commune and order are impossible ones (see above).
    """

    issued: dict[str, int] = field(default_factory=dict)

    def issue(self, sex: str, birth: date, department: str) -> str:
        """Give the next 15-character NIR; `department`: INSEE code (31, 2A, 974), or 99 when born abroad."""
        if department in ("2A", "2B") and birth.year < _CORSICA_SINCE:
            department = "20"
        stem = f"{'1' if sex == 'M' else '2'}{birth:%y%m}{department}"
        rank = self.issued.get(stem, 0)
        self.issued[stem] = rank + 1
        order, place = divmod(rank, _UNUSED_PLACES)
        commune = f"{991 + place}"[-(5 - len(department)) :]
        nir = f"{stem}{commune}{order:03}"
        return nir + nir_key(nir)
