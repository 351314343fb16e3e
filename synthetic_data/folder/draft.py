"""A folder being written: files that grow block after block, and a journal that lets the work be resumed.

The journal (`blocks.jsonl`) has a first line with the plan, then a line for each block already in the files.
A file is called `….part` until the folder is complete.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from synthetic_data.folder.block_part import BlockPart
from synthetic_data.folder.manifest import NAME, FolderError, plan_facts
from synthetic_data.plan import HospitalPlan
from synthetic_data.resources.kind import kinds

JOURNAL = "blocks.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the journal says of one block: by kind, (bytes, lines, bytes before compression, digest)."""

    number: int
    parts: dict[str, tuple[int, int, int, str]]
    tally: dict[str, Any]


class Draft:
    """The unfinished folder of a plan, its blocks from `first` on."""

    def __init__(self, folder: Path, plan: HospitalPlan, format_: str, first: int = 0) -> None:
        """Open a new or an interrupted folder.

        FolderError when it holds something else: another plan, a finished hospital, other files.
        """
        self.folder, self.plan, self.format, self.first = folder, plan, format_, first
        self._kinds = [kind.name for kind in kinds() if kind.of_block]
        head = {"plan": plan_facts(plan), "format": format_, "first": first, "kinds": self._kinds}
        folder.mkdir(parents=True, exist_ok=True)
        journal = folder / JOURNAL
        if journal.exists():
            self._check(journal, head)
            self.entries = list(_read(journal))
        else:
            self._refuse_others()
            self.entries = []
            journal.write_bytes(orjson.dumps(head) + b"\n")
        self._cut()
        self._files = {name: self.path(name).open("ab") for name in self._kinds}
        self._journal = journal.open("ab")

    def path(self, kind: str) -> Path:
        """Give the unfinished file of a kind."""
        return self.folder / f"{kind}.{self.format}.part"

    @property
    def next(self) -> int:
        """Give the number of the first block that is missing."""
        return self.first + len(self.entries)

    def append(self, block: BlockPart) -> None:
        """Write one block. The journal comes last: what it does not list is cut off on resuming.

        OSError when the disk is full; what was written before is kept.
        """
        for name, part in block.parts.items():
            self._files[name].write(part.data)
        for file in self._files.values():
            file.flush()
        parts = {
            name: (len(part.data), part.lines, part.content_bytes, part.digest)
            for name, part in block.parts.items()
        }
        line = orjson.dumps({"number": block.number, "parts": parts, "tally": block.tally}) + b"\n"
        self._journal.write(line)
        self._journal.flush()
        self.entries.append(Entry(block.number, parts, block.tally))

    def adopt(self, shards: Iterable[tuple[Path, list[Entry]]]) -> None:
        """Append the blocks of other unfinished folders, in order; nothing is drawn again."""
        for folder, entries in shards:
            for name, file in self._files.items():
                with (folder / self.path(name).name).open("rb") as source:
                    shutil.copyfileobj(source, file, 1 << 20)
            for entry in entries:
                self._journal.write(orjson.dumps(asdict(entry)) + b"\n")
            self.entries.extend(entries)

    def close(self) -> None:
        """Close the files; a full disk was already reported by the write that met it."""
        for file in (*self._files.values(), self._journal):
            try:
                file.close()
            except OSError:
                os.close(file.fileno())

    def _check(self, journal: Path, head: dict[str, Any]) -> None:
        with journal.open("rb") as lines:
            try:
                found = orjson.loads(lines.readline())
            except orjson.JSONDecodeError:
                found = None
        if found != orjson.loads(orjson.dumps(head)):
            raise FolderError(
                fr="Attendu un dossier vide ou le travail interrompu de la même commande dans "
                f"{self.folder}, reçu "
                "celui d'une autre : finir celle-là, vider le dossier ou en choisir un autre.",
                en=f"Expected an empty folder or the interrupted work of the same command in {self.folder}, "
                "got "
                "that of another one: finish that one, empty the folder or choose another.",
            )

    def _refuse_others(self) -> None:
        strangers = sorted(path.name for path in self.folder.iterdir())
        if NAME in strangers:
            raise FolderError(
                fr=f"Attendu un dossier vide, reçu un hôpital complet dans {self.folder} : choisir un autre "
                "dossier, "
                "ou retirer celui-ci.",
                en=f"Expected an empty folder, got a complete hospital in {self.folder}: choose another "
                "folder, or "
                "remove this one.",
            )
        if strangers:
            raise FolderError(
                fr=f"Attendu un dossier vide, reçu « {strangers[0]} » dans {self.folder} : en choisir un "
                "autre.",
                en=f"Expected an empty folder, got {strangers[0]!r} in {self.folder}: choose another one.",
            )

    def _cut(self) -> None:
        """Cut off what the journal does not list: the block during which the work was interrupted."""
        for name in self._kinds:
            size = sum(entry.parts[name][0] for entry in self.entries if name in entry.parts)
            path = self.path(name)
            path.touch()
            if path.stat().st_size < size:
                raise FolderError(
                    fr=f"Attendu au moins {size} octets dans {path}, reçu {path.stat().st_size} : le dossier "
                    "a été "
                    "modifié ; le vider et recommencer.",
                    en=f"Expected at least {size} bytes in {path}, got {path.stat().st_size}: the folder was "
                    "changed; empty it and start again.",
                )
            os.truncate(path, size)


def read_journal(folder: Path) -> tuple[dict[str, Any], list[Entry]]:
    """Give the first line and the blocks of a journal; FolderError when there is none."""
    journal = folder / JOURNAL
    if not journal.is_file():
        raise FolderError(
            fr=f"Attendu {JOURNAL} dans {folder}, absent : ce n'est pas une partie d'hôpital.",
            en=f"Expected {JOURNAL} in {folder}, got none: this is no part of a hospital.",
        )
    with journal.open("rb") as lines:
        head = orjson.loads(lines.readline())
    return head, list(_read(journal))


def _read(journal: Path) -> Iterator[Entry]:
    for line in journal.read_bytes().split(b"\n")[1:]:
        try:
            data = orjson.loads(line)
        except orjson.JSONDecodeError:  # the line being written when the work was interrupted
            return
        yield Entry(data["number"], {k: tuple(v) for k, v in data["parts"].items()}, data["tally"])
