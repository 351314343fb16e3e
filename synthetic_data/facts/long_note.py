"""A clinical note of about 20,000 characters, with everything that breaks what shows or stores it."""

from functools import cache

from synthetic_data.tables import table

LENGTH = 20_000


@cache
def long_note() -> str:
    """Give the note: the paragraphs of note_longue.csv in turn, numbered, until it is long enough."""
    paragraphs = [row["paragraphe"] for row in table("note_longue")]
    parts: list[str] = []
    size = 0
    while size < LENGTH:
        parts.append(f"Séance n° {len(parts) + 1}. {paragraphs[len(parts) % len(paragraphs)]}")
        size += len(parts[-1]) + 2
    return "\n\n".join(parts)
