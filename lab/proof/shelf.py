"""Worlds built before, as files to copy: building one takes as long as a hundred requests of it.

What is on the shelf was built by the sound server; a mutant of how things are stored builds its own.
"""

import atexit
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

from lab.proof.world import World


@dataclass
class Shelf:
    """``files`` are by the identity of worlds that are ``kept``; nothing is taken while it is ``closed``."""

    files: dict[int, Path] = field(default_factory=dict)
    kept: list[World] = field(default_factory=list)
    closed: bool = False
    folder: Path | None = None

    def put(self, world: World, built: Path) -> None:
        """Keep a copy of the file of a world, which nobody has open."""
        if self.folder is None:
            self.folder = Path(mkdtemp(dir=built.parent.parent, prefix="worlds-"))
            atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        self.kept.append(world)  # its identity stays its own
        place = self.folder / f"{len(self.kept)}.db"
        shutil.copyfile(built, place)
        self.files[id(world)] = place

    def take(self, world: World, path: Path) -> bool:
        """Copy the file of a world to a path; tell whether there was one."""
        if self.closed or id(world) not in self.files:
            return False
        shutil.copyfile(self.files[id(world)], path)
        return True


SHELF = Shelf()
"""That of this process; empty unless somebody fills it."""
