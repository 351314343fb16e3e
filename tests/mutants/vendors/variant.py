"""A variant: the sound application with one flaw, and the probe that must name it."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

from tests.mutants.vendors.sound.vendor import Vendor

Break = Callable[[Vendor], None]


@dataclass(frozen=True)
class Variant:
    """``also`` are other probes that cannot but notice the flaw."""

    name: str
    killed_by: str
    flaw: str
    also: tuple[str, ...]
    break_: Break


_KNOWN: dict[str, Variant] = {}


def variant(killed_by: str, flaw: str, *, also: tuple[str, ...] = ()) -> Callable[[Break], Break]:
    """Declare a function that breaks the built application in one place."""

    def declare(function: Break) -> Break:
        name = function.__name__
        if name in _KNOWN:
            raise ValueError(name)
        _KNOWN[name] = Variant(name, killed_by, flaw, also, function)
        return function

    return declare


def variants() -> dict[str, Variant]:
    """Return every variant by its name."""
    package = importlib.import_module("tests.mutants.vendors")
    for found in pkgutil.iter_modules(package.__path__):
        if found.name not in {"run", "variant", "sound"}:
            importlib.import_module(f"{package.__name__}.{found.name}")
    return dict(_KNOWN)
