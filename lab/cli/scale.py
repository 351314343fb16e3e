"""How many times the hospital: the option ``--scale`` of the commands that load."""

_LARGEST = 1_000


def times(text: str) -> float:
    """Return the number that x1, x10, x100 or a plain number says.

    Raises:
        ValueError: it says none, or too large a one.
    """
    try:
        scale = float(text.removeprefix("x"))
    except ValueError:
        scale = 0.0
    if not 0 < scale <= _LARGEST:
        message = f"--scale is x1, x10, x100 or a number above 0, {_LARGEST} at most, not {text!r}."
        raise ValueError(message)
    return scale
