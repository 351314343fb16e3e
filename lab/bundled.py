"""Where the example application and the mutants stand: in a checkout, or inside the installed package."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


class NotBundledError(FileNotFoundError):
    """A part that this installation does not have."""


EXAMPLES = ("tableau_urgences", "entrepot_recherche")
"""The first one reads, shows and serves; the second one exports and writes."""


def example(name: str = EXAMPLES[0]) -> Path:
    """Return the folder of a bundled example application."""
    return _find("examples", name)


def mutants() -> Path:
    """Return the folder of the mutants that prove that checks can fail."""
    return _find("tests", "mutants")


def _find(*parts: str) -> Path:
    checkout = _PACKAGE.parent.joinpath(*parts)
    packed = _PACKAGE.joinpath("bundled_files", *parts)
    for folder in (checkout, packed):
        if folder.is_dir():
            return folder
    raise NotBundledError(f"{'/'.join(parts)} is missing from this installation: use a checkout.")
