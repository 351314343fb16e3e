"""A folder being written: files that grow block after block, and a journal that lets the work be resumed.

The journal (`blocks.jsonl`) has a first line with the plan, then a line for each block already in the files.
A file is called `….part` until the folder is complete.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
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
        if _begun(journal):
            self._check(journal, head)
            self._reopen()
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
        """Take the blocks of other unfinished folders, in order, instead of what an earlier try left.

        Nothing is drawn again. FolderError when a folder lacks bytes that its journal lists.
        """
        self._forget()
        for folder, entries in shards:
            for name, file in self._files.items():
                path = folder / self.path(name).name
                _hold(path, _size(entries, name))
                with path.open("rb") as source:
                    shutil.copyfileobj(source, file, 1 << 20)
            for entry in entries:
                self._journal.write(orjson.dumps(asdict(entry)) + b"\n")
            self.entries.extend(entries)

    def _forget(self) -> None:
        self.entries = []
        for file in self._files.values():
            file.truncate(0)
        with (self.folder / JOURNAL).open("rb") as lines:
            head = lines.readline()
        self._journal.truncate(len(head))

    def close(self) -> None:
        """Close the files; a full disk was already reported by the write that met it."""
        for file in (*self._files.values(), self._journal):
            with suppress(OSError):
                file.close()  # what was still to be written is lost, the file is closed all the same

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

    def _reopen(self) -> None:
        """Give back their unfinished names to the files of a folder that was being completed."""
        (self.folder / NAME).unlink(missing_ok=True)
        for path in map(self.path, self._kinds):
            finished = path.with_suffix("")
            if finished.exists() and not path.exists():
                finished.rename(path)

    def _cut(self) -> None:
        """Cut off what the journal does not list: the block during which the work was interrupted."""
        for name in self._kinds:
            size, path = _size(self.entries, name), self.path(name)
            path.touch()
            _hold(path, size)
            os.truncate(path, size)
        journal = self.folder / JOURNAL
        with journal.open("rb") as lines:
            os.truncate(journal, sum(len(lines.readline()) for _ in range(1 + len(self.entries))))


def _begun(journal: Path) -> bool:
    """Tell whether a journal has its first line; one cut off before its end is taken away."""
    if not journal.exists():
        return False
    with journal.open("rb") as lines:
        if lines.readline().endswith(b"\n"):
            return True
    journal.unlink()
    return False


def _size(entries: Iterable[Entry], kind: str) -> int:
    """Give the bytes of the blocks of a kind."""
    return sum(entry.parts[kind][0] for entry in entries if kind in entry.parts)


def _hold(path: Path, size: int) -> None:
    """Refuse a file that lost bytes which the journal lists."""
    found = path.stat().st_size if path.exists() else 0
    if found < size:
        raise FolderError(
            fr=f"Attendu au moins {size} octets dans {path}, reçu {found} : le dossier a été modifié ; le "
            "vider et recommencer.",
            en=f"Expected at least {size} bytes in {path}, got {found}: the folder was changed; empty it "
            "and start again.",
        )


def read_journal(folder: Path) -> tuple[dict[str, Any], list[Entry]]:
    """Give the first line and the blocks of a journal; FolderError when there is none."""
    journal = folder / JOURNAL
    try:
        with journal.open("rb") as lines:
            head = orjson.loads(lines.readline())
    except (FileNotFoundError, NotADirectoryError, orjson.JSONDecodeError):
        raise FolderError(
            fr=f"Attendu {JOURNAL} dans {folder}, absent ou abîmé : ce n'est pas une partie d'hôpital.",
            en=f"Expected {JOURNAL} in {folder}, got none or a damaged one: this is no part of a hospital.",
        ) from None
    return head, list(_read(journal))


def _read(journal: Path) -> Iterator[Entry]:
    """Give the blocks that were journaled to the end of their line; then comes what was being written."""
    for line in journal.read_bytes().splitlines(keepends=True)[1:]:
        try:
            data = orjson.loads(line) if line.endswith(b"\n") else None
        except orjson.JSONDecodeError:
            data = None
        if data is None:
            return
        yield Entry(data["number"], {k: tuple(v) for k, v in data["parts"].items()}, data["tally"])
