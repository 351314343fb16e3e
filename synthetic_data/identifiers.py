"""French identifiers with right keys, on numbers that nobody can hold.

NIR key: 97 - (n mod 97), 2A read as 19 and 2B as 18. FINESS and RPPS: Luhn.
"""

import numpy as np

from synthetic_data.templating.columns import Ints

_PRIME, _STEP = 999_999_937, 387_420_489
# Times 5,000 blocks, the most that a plan may have, it stays below the prime: visit numbers never meet.
_VISITS_OF_A_BLOCK = 150_000


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


def opaques(numbers: Ints, seed: int) -> Ints:
    """Give numbers below 10^9 that hide their ranks: all differ for a seed, as multiplying by a number that
    the prime does not divide only changes their order. ValueError for ranks the prime has no room for.
    """  # noqa: D205 - one sentence
    if len(numbers) and not 0 <= int(numbers.min()) <= int(numbers.max()) < _PRIME:
        raise ValueError(f"expected ranks from 0 to {_PRIME - 1:,}, got up to {int(numbers.max()):,}")
    return (seed * 7919 % _PRIME + numbers.astype(np.int64) * _STEP) % _PRIME


def visit_ranks(block: int, rows: Ints) -> Ints:
    """Give ranks of visits that no two blocks share; ValueError for rows that a block has no room for."""
    if len(rows) and int(rows.max()) >= _VISITS_OF_A_BLOCK:
        raise ValueError(f"expected rows below {_VISITS_OF_A_BLOCK:,}, got {int(rows.max()):,}")
    return block * _VISITS_OF_A_BLOCK + rows


def opaque(number: int, seed: int, digits: int) -> str:
    """Give a number of `digits` digits (9 or more) that hides its rank; all differ below 999,999,937."""
    return f"{(seed * 7919 + number * _STEP) % _PRIME:0{digits}}"
