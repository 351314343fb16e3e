"""Read a folder the slow way, and write copies of it whose resources were changed."""

import shutil
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import zstandard

from synthetic_data.folder.read import resources

Resource = dict[str, Any]


def resources_by_type(folder: Path) -> dict[str, list[Resource]]:
    found = defaultdict(list)
    for one in resources(folder):
        found[one["resourceType"]].append(one)
    return found


def changed(folder: Path, copy: Path, change: Callable[[Resource], None]) -> Path:
    """Copy a folder, every resource changed in place; the manifest is told the new sizes, not the digests."""
    shutil.copytree(folder, copy)
    manifest = orjson.loads((copy / "manifest.json").read_bytes())
    for file in manifest["files"]:
        parts, start = [], 0
        stored = (copy / file["name"]).read_bytes()
        for size in file["blocks"]:
            frame = stored[start : start + size]
            start += size
            lines = []
            for line in zstandard.ZstdDecompressor().decompressobj().decompress(frame).splitlines():
                one = orjson.loads(line)
                change(one)
                lines.append(orjson.dumps(one) + b"\n")
            parts.append(zstandard.ZstdCompressor().compress(b"".join(lines)))
        (copy / file["name"]).write_bytes(b"".join(parts))
        file["blocks"] = [len(part) for part in parts]
    (copy / "manifest.json").write_bytes(orjson.dumps(manifest))
    return copy


def told(manifest_of: Path, **changes: Any) -> None:
    """Change the manifest of a folder."""
    path = manifest_of / "manifest.json"
    path.write_bytes(orjson.dumps(orjson.loads(path.read_bytes()) | changes))
