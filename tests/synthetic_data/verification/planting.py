"""Change a generated folder and keep its manifest consistent, so that only the planted defect is wrong."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import zstandard

Resource = dict[str, Any]
Change = Callable[[Resource], Any]


class Planted:
    """A copy of a folder, opened for changes: `files` gives, by name, the blocks of lines."""

    def __init__(self, source: Path, folder: Path) -> None:
        shutil.copytree(source, folder)
        self.source, self.folder = source, folder
        self.manifest = json.loads((folder / "manifest.json").read_text())
        self.files = {entry["name"]: self._blocks(entry) for entry in self.manifest["files"]}

    def _blocks(self, entry: Resource) -> list[list[bytes]]:
        data = (self.folder / entry["name"]).read_bytes()
        blocks = []
        for size in entry["blocks"]:
            stored, data = data[:size], data[size:]
            plain = (
                zstandard.ZstdDecompressor().decompress(stored) if entry["name"].endswith(".zst") else stored
            )
            blocks.append(plain.splitlines(keepends=True))
        return blocks

    def lines(self, name: str) -> Iterator[tuple[list[bytes], int, Resource]]:
        """Give each line of a file: its block, its row, the resource."""
        for block in self.files[name]:
            for row, line in enumerate(block):
                yield block, row, json.loads(line)

    def resources(self, type_: str) -> Iterator[Resource]:
        """Give the resources of a type, whatever their family."""
        for name in self.files:
            if name.split(".")[0] == type_:
                yield from (resource for _, _, resource in self.lines(name))

    def change(self, name: str, change: Change, most: int = 1) -> list[Resource]:
        """Apply a change to the first resources it accepts (it returns False for others); give them."""
        changed = []
        for block, row, resource in self.lines(name):
            if len(changed) == most:
                break
            if change(resource) is not False:
                block[row] = compact(resource)
                changed.append(resource)
        assert changed, f"no line of {name} could take the change"
        return changed

    def write(self) -> "Planted":
        """Write the files that changed, and a manifest that agrees with them."""
        for entry in self.manifest["files"]:
            blocks = [b"".join(block) for block in self.files[entry["name"]]]
            if self._blocks(entry) != self.files[entry["name"]]:
                stored = [zstandard.ZstdCompressor(level=1).compress(block) for block in blocks]
                whole = b"".join(stored)
                (self.folder / entry["name"]).write_bytes(whole)
                digests = b"".join(hashlib.sha256(block).digest() for block in blocks)
                entry |= {
                    "lines": sum(map(len, self.files[entry["name"]])),
                    "bytes": len(whole),
                    "sha256": hashlib.sha256(whole).hexdigest(),
                    "content_sha256": hashlib.sha256(digests).hexdigest(),
                    "blocks": list(map(len, stored)),
                }
        self.write_manifest()
        return self

    def write_manifest(self) -> None:
        """Write the manifest as it was changed."""
        (self.folder / "manifest.json").write_text(json.dumps(self.manifest))


def with_acts(planted: Planted) -> set[str]:
    """Give the references of the encounters in which something is dated."""
    acts = ("Condition", "ImagingStudy", "MedicationAdministration", "Observation", "Procedure")
    return {
        one.get("encounter", one.get("context", {})).get("reference", "")
        for type_ in acts
        for one in planted.resources(type_)
    }


def compact(resource: Resource) -> bytes:
    return json.dumps(resource, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def nir(stem: str) -> str:
    """Complete 13 characters of a NIR with their key."""
    digits = stem.replace("2A", "19").replace("2B", "18")
    return f"{stem}{97 - int(digits) % 97:02}"
