"""Find the mutants: programs with exactly one hole, and the check that must notice it."""

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["platform", "clients"]


class MutantError(ValueError):
    """A file of the mutants' folder that does not say which check kills it."""


@dataclass(frozen=True)
class Mutant:
    """One program. ``kind`` says what it stands in for: the sandbox, or the example application."""

    path: Path
    kind: Kind
    killed_by: str
    flaw: str

    @property
    def name(self) -> str:
        """Return the name of its file."""
        return self.path.stem


def find_mutants(folder: Path) -> tuple[Mutant, ...]:
    """Return every mutant, by kind and name; the files are read, not run.

    Raises:
        MutantError: a file lacks KILLED_BY or FLAW.
    """
    kinds: tuple[Kind, ...] = ("platform", "clients")
    return tuple(
        _mutant(path, kind)
        for kind in kinds
        for path in sorted((folder / kind).glob("*.py"))
        if not path.name.startswith("_")
    )


def _mutant(path: Path, kind: Kind) -> Mutant:
    constants = {
        target.id: node.value.value
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    try:
        return Mutant(path, kind, str(constants["KILLED_BY"]), str(constants["FLAW"]))
    except KeyError as error:
        raise MutantError(f"{path.name} does not say {error}: add the constant.") from None
