"""Find resources in a file by what they contain, without keeping the file in memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from synthetic_data.description.source import damaged
from synthetic_data.verification.folder import DataFile
from synthetic_data.verification.frames import FrameError, offsets, read_block

Resource = dict[str, Any]
Place = tuple[int, int]
"""First byte and size of a block in its file."""


def matching(
    folder: Path, file: DataFile, text: str, place: Place | None = None
) -> Iterator[tuple[bytes, Resource]]:
    """Give the lines that hold a text between quotes, with what they say: those of one block, or of all.

    FolderError when the file is damaged.
    """
    wanted = orjson.dumps(text)
    try:
        for one in [place] if place else offsets(file):
            content = read_block(folder, file, one)
            start = content.find(wanted)
            while start >= 0:
                first = content.rfind(b"\n", 0, start) + 1
                end = content.find(b"\n", start)
                line = content[first : end if end >= 0 else len(content)]
                yield line, orjson.loads(line)
                start = content.find(wanted, end) if end >= 0 else -1
    except (FrameError, orjson.JSONDecodeError) as error:
        raise damaged(folder, file.name, type(error).__name__, type(error).__name__) from None
