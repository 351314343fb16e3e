"""Write resources as they are drawn into a file of compressed pieces, which a bulk load makes a store of."""

from collections.abc import Iterable
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import orjson
import zstandard

from lab.fhirserver.storage.bulk import Piece

_LINES = 2000
"""Lines of a piece: what is held in memory of a hospital of any size."""
_LEVEL = 1


def drawn_pieces(resources: Iterable[dict[str, Any]], path: Path) -> list[Piece]:
    """Return the pieces of a new file, the resources in their order, each piece of one type."""
    frame = zstandard.ZstdCompressor(level=_LEVEL)
    pieces = []
    with path.open("xb") as file:
        for type_, run in groupby(resources, lambda resource: str(resource["resourceType"])):
            while lines := [orjson.dumps(resource) for resource in islice(run, _LINES)]:
                offset = file.tell()
                length = file.write(frame.compress(b"\n".join(lines)))
                pieces.append(Piece(path, type_, offset, length, compressed=True))
    return pieces
