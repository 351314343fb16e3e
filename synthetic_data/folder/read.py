"""Read the resources of a complete folder, in load order."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import zstandard

from synthetic_data.folder.block_part import COMPRESSED
from synthetic_data.folder.manifest import FolderError, read_manifest


def lines(path: Path) -> Iterator[bytes]:
    """Give the lines of an NDJSON file, compressed or not."""
    with path.open("rb") as file:
        if not path.name.endswith(COMPRESSED):
            yield from file
            return
        # A file is many frames end to end: without `read_across_frames` only the first would be read.
        stream = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
        yield from io.BufferedReader(stream, 1 << 20)


def resources(folder: Path, types: frozenset[str] | None = None) -> Iterator[dict[str, Any]]:
    """Give the resources of a folder, all or those of some types.

    FolderError when the folder is not complete or a file of it is damaged.
    """
    for file in read_manifest(folder).files:
        if types is not None and not file.is_one_of(types):
            continue
        try:
            for line in lines(folder / file.name):
                yield orjson.loads(line)
        except (zstandard.ZstdError, orjson.JSONDecodeError, FileNotFoundError) as error:
            raise damaged(folder, error, file.name) from None


def damaged(folder: Path, error: Exception, name: str = "*.ndjson") -> FolderError:
    """Say that files are not what the generator left."""
    kind = type(error).__name__
    return FolderError(
        fr=f"Attendu {name} tel que généré dans {folder}, reçu un fichier abîmé ou absent "
        f"({kind}) : lancer `lab data verify`, puis générer à nouveau.",
        en=f"Expected {name} as it was generated in {folder}, got a damaged or missing one "
        f"({kind}): run `lab data verify`, then generate again.",
    )
