"""Where the example application and the mutants stand: in a checkout, or inside the installed package."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


class NotBundledError(FileNotFoundError):
    """A part that this installation does not have."""


def example() -> Path:
    """Return the folder of the bundled example application."""
    return _find("examples", "tableau_urgences")


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
