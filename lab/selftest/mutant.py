"""Find the mutants: programs with exactly one hole, and the check that must notice it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lab.bundled import EXAMPLES

Kind = Literal["platform", "clients", "vendors"]


class MutantError(ValueError):
    """A file of the mutants' folder that does not say which check kills it."""


@dataclass(frozen=True)
class Mutant:
    """One program. ``kind`` says what it stands in for: the sandbox, the example, the sound vendor.

    ``also`` are other checks that cannot but notice the flaw, ``subject`` is the example that it replaces.
    """

    path: Path
    kind: Kind
    name: str
    killed_by: str
    flaw: str
    also: tuple[str, ...] = ()
    subject: str = EXAMPLES[0]


def find_mutants(folder: Path) -> tuple[Mutant, ...]:
    """Return every mutant, by kind and name; the files are read, not run.

    Raises:
        MutantError: a file lacks KILLED_BY or FLAW.
    """
    kinds: tuple[Kind, ...] = ("platform", "clients")
    programs = (
        _mutant(path, kind)
        for kind in kinds
        for path in sorted((folder / kind).glob("*.py"))
        if not path.name.startswith("_")
    )
    variants = (one for path in sorted((folder / "vendors").glob("*.py")) for one in _variants(path))
    return (*programs, *variants)


def _variants(path: Path) -> Iterator[Mutant]:
    """Yield the functions of a file that are decorated by ``@variant(id, flaw, also=...)``."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for call in node.decorator_list:
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "variant":
                killed_by, flaw = map(ast.literal_eval, call.args)
                named = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
                yield Mutant(path, "vendors", node.name, killed_by, flaw, tuple(named.get("also", ())))


def _mutant(path: Path, kind: Kind) -> Mutant:
    constants = {
        target.id: node.value.value
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    try:
        killed_by, flaw = str(constants["KILLED_BY"]), str(constants["FLAW"])
        subject = str(constants.get("SUBJECT", EXAMPLES[0]))
        return Mutant(path, kind, path.stem, killed_by, flaw, subject=subject)
    except KeyError as error:
        raise MutantError(f"{path.name} does not say {error}: add the constant.") from None
