"""Runs the checks of a vendor in the child process: plain files of the form of ours, whose ids are their own.

What they say is told apart from what our checks say, by another process than theirs.
"""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from lab.engine.plugin import Laboratory
from lab.model.check import Check
from lab.model.vendor_finding import PREFIX


class VendorLane(Laboratory):
    """One run of the checks of a vendor, as far as they are about a role that the application has."""

    def _wanted(self, card: Check) -> bool:
        if not card.id.startswith(PREFIX):
            self._emit({"event": "refused", "check": card.id})
            return False
        return card.role in self._context.subject.roles

    def _named(self, card: Check) -> dict[str, Any]:
        return {"check": card.id, "title": dataclasses.asdict(card.title)}

    def pytest_exception_interact(self, node: pytest.Item | pytest.Collector) -> None:
        """Tell of a file that cannot be read; the log has the whole traceback."""
        if isinstance(node, pytest.Module):
            self._emit({"event": "unreadable", "file": node.path.name})


def vendor_files(folder: str) -> list[Path]:
    """Return the check files of a folder of a vendor, in name order; none when there is no folder."""
    return sorted(Path(folder).glob("check_*.py")) if folder else []
