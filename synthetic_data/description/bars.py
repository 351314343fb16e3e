"""Bars of a terminal, in eighths of a character."""

_EIGHTHS = " ▏▎▍▌▋▊▉"


def bar(value: float, most: float, width: int) -> str:
    """Give a bar whose length is a share of the longest one; something is seen of every positive value."""
    eighths = round(8 * width * min(1.0, value / most)) if most > 0 else 0
    eighths = max(1, eighths) if value > 0 else 0
    return "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")
