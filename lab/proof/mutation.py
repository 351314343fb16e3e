"""A mutant of the gateway: one hole, opened in the modules of this process and closed again.

Spec: https://en.wikipedia.org/wiki/Mutation_testing; reference, section 8 (the honest metric is this score)
"""

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from lab.bundled import mutants
from lab.fhir import hidden
from lab.gateway import level1_network

_STORAGE = "lab.fhirserver.storage"
_PACKAGE = "tests.mutants.gateway"
_REMEMBERING = (vars(hidden)["_hides"], vars(level1_network)["_inside"])
"""What this process remembers of decisions, whatever is patched since."""


@dataclass(frozen=True)
class Mutant:
    """``open_`` opens the hole; ``flaw`` is its one sentence."""

    level: int
    name: str
    flaw: str
    open_: Callable[[pytest.MonkeyPatch], None]


@contextmanager
def opened(mutant: Mutant | None) -> Iterator[bool]:
    """Keep the hole of a mutant open, none without one; yield whether it is in how things are stored."""
    with pytest.MonkeyPatch.context() as patch:
        if mutant is not None:
            mutant.open_(patch)
        _forget()
        patched = (target for target, _, _ in patch._setattr)  # noqa: SLF001 - what it has noted to undo
        yield any(getattr(target, "__name__", "").startswith(_STORAGE) for target in patched)
    _forget()


def gateway_mutants() -> tuple[Mutant, ...]:
    """Return every mutant, by level, in the order of the files.

    Raises:
        NotBundledError: this installation has none.
    """
    folder = mutants()
    root = str(folder.parents[1])
    if root not in sys.path:
        sys.path.insert(0, root)
    return tuple(mutant for name in _modules(folder / "gateway") for mutant in _of(name))


def _modules(folder: Path) -> Iterator[str]:
    names = sorted(found.name for found in pkgutil.iter_modules([str(folder)]))
    yield from (name for name in names if name.startswith("level"))


def _of(name: str) -> Iterator[Mutant]:
    module: ModuleType = importlib.import_module(f"{_PACKAGE}.{name}")
    level = int(name.removeprefix("level")[0])
    for own, function in vars(module).items():
        if inspect.isfunction(function) and function.__module__ == module.__name__ and own[0] != "_":
            yield Mutant(level, own, inspect.getdoc(function) or "", function)


def _forget() -> None:
    for remembering in _REMEMBERING:
        remembering.cache_clear()
