"""Every check there is, found by folder. Those of a vendor are apart: see ``vendor_lane.py``."""

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from types import ModuleType

from lab.checking.declare import card_of
from lab.model.check import Check

OURS = "lab.checks"


class CatalogueError(ValueError):
    """Two checks with one id: the catalogue would be ambiguous."""


@cache
def check_modules() -> tuple[ModuleType, ...]:
    """Return every module that may hold checks, in name order."""
    return tuple(_modules(OURS))


@cache
def catalogue() -> dict[str, Check]:
    """Return every check by id, in id order.

    Raises:
        CatalogueError: two functions claim the same id.
    """
    found: dict[str, Check] = {}
    for module in check_modules():
        for value in vars(module).values():
            card = card_of(value)
            if card is None or value.__module__ != module.__name__:
                continue
            if card.id in found:
                raise CatalogueError(
                    f"Two checks have the id {card.id}: rename the one in {module.__name__}."
                )
            found[card.id] = card
    return dict(sorted(found.items()))


def _modules(name: str) -> Iterator[ModuleType]:
    root = importlib.import_module(name)
    for found in pkgutil.walk_packages(root.__path__, f"{name}."):
        if found.name.rpartition(".")[2].startswith("check_"):
            yield importlib.import_module(found.name)
