"""French identifiers with right keys, on numbers that nobody can hold.

NIR key: 97 - (n mod 97), 2A read as 19 and 2B as 18. FINESS and RPPS: Luhn.
"""


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
