"""Quote what a server said in a message: short, printable, on one line."""

_LENGTH = 80


def quoted(value: object) -> str:
    """Return the value as words of a message."""
    text = value if isinstance(value, str) else repr(value)
    safe = text.encode("ascii", "backslashreplace").decode()
    plain = "".join(letter if letter.isprintable() else " " for letter in safe)
    return plain if len(plain) <= _LENGTH else f"{plain[:_LENGTH]}..."
