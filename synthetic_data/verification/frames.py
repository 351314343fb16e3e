"""Read the blocks of a file: each is an independent zstd frame, or a range of bytes when not compressed."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import zstandard

from synthetic_data.verification.folder import DataFile

_SLICE = 6_000_000  # bytes treated at a time: small enough for the caches, large enough for numpy


class FrameError(ValueError):
    """A block that cannot be read."""


def offsets(file: DataFile) -> Iterator[tuple[int, int]]:
    """Give the place (first byte, size) of each block in the file."""
    start = 0
    for size in file.blocks:
        yield start, size
        start += size


def read_block(folder: Path, file: DataFile, place: tuple[int, int]) -> bytes:
    """Give the NDJSON of one block; FrameError when its bytes are missing or not one whole zstd frame."""
    start, size = place
    try:
        with (folder / file.name).open("rb") as stream:
            stream.seek(start)
            stored = stream.read(size)
    except OSError as error:
        raise FrameError(f"a file that cannot be read ({error.strerror})") from None
    if len(stored) < size:
        raise FrameError(f"only {len(stored)} bytes of the block, out of {size}")
    if not file.compressed:
        return stored
    decompressor = zstandard.ZstdDecompressor().decompressobj()
    try:
        content = decompressor.decompress(stored)
    except zstandard.ZstdError as error:
        raise FrameError(f"a damaged zstd frame ({error})") from None
    if not decompressor.eof or decompressor.unused_data:
        raise FrameError("bytes that are not exactly one zstd frame")
    return content


def slices(content: bytes) -> Iterator[bytes]:
    """Cut a block at the ends of lines into parts of a few megabytes; they put together give the block."""
    start = 0
    while len(content) - start > _SLICE:
        end = (
            content.rfind(b"\n", start, start + _SLICE) + 1 or content.find(b"\n", start) + 1 or len(content)
        )
        yield content[start:end]
        start = end
    if start < len(content):
        yield content[start:] if start else content


def file_digest(path: Path) -> str:
    """Give the SHA-256 of a whole file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
