"""Read resources from files: JSON, NDJSON, either of them compressed by Zstandard.

Spec: https://hl7.org/fhir/R4/json.html and https://hl7.org/fhir/R4/nd-json.html
"""

import errno
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import orjson
import zstandard

from lab.model.text import Text

_MAX_RESOURCE = 256 * 2**20
# Small, because what it holds may be thousands of times larger.
_COMPRESSED_CHUNK = 2**14


class ResourceFileError(Exception):
    """A file that does not hold resources; ``text`` says what was expected, what was seen and where."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def resources(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each resource of a file with the number of its line (1 for a file of one resource).

    Raises:
        ResourceFileError: the file is not there, damaged, or something in it is not a JSON object.
    """
    try:
        with path.open("rb") as file:
            stream = io.BufferedReader(_Frames(file), 2**20) if path.suffix == ".zst" else file
            if ".ndjson" in path.suffixes:
                yield from _lines(path, stream)
            else:
                yield 1, _object(path, 1, stream.read(_MAX_RESOURCE + 1))
    except OSError as error:
        raise _error(path, f"illisible ({error.strerror})", f"cannot be read ({error.strerror})") from error


class _Frames(io.RawIOBase):
    """What Zstandard frames hold; a damaged or unfinished one is an error of reading like any other."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self._decoder = zstandard.ZstdDecompressor().decompressobj()
        self._pending = memoryview(b"")

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer and return how much; 0 at the end of the last frame."""
        while not self._pending:
            read = self._file.read(_COMPRESSED_CHUNK)
            if not read and self._decoder.eof:
                return 0
            if not read:
                raise OSError(errno.EIO, "incomplete")
            self._pending = memoryview(self._decompress(read))
        size = min(len(buffer), len(self._pending))
        buffer[:size], self._pending = self._pending[:size], self._pending[size:]
        return size

    def _decompress(self, data: bytes) -> bytes:
        parts = []
        try:
            while data:
                if self._decoder.eof:
                    self._decoder = zstandard.ZstdDecompressor().decompressobj()
                parts.append(self._decoder.decompress(data))
                data = self._decoder.unused_data
        except zstandard.ZstdError as error:
            raise OSError(errno.EIO, "Zstandard") from error
        return b"".join(parts)


def _lines(path: Path, stream: BinaryIO) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    while line := stream.readline(_MAX_RESOURCE + 1):
        number += 1
        if line.strip():
            yield number, _object(path, number, line)


def _object(path: Path, number: int, data: bytes) -> dict[str, Any]:
    if len(data) > _MAX_RESOURCE:
        raise _error(path, f"ligne {number} : démesurée", f"line {number}: out of all proportion")
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        # The message of the parser is left out: it may quote the file.
        raise _error(path, f"ligne {number} : pas du JSON", f"line {number}: not JSON") from error
    if not isinstance(document, dict):
        raise _error(path, f"ligne {number} : pas un objet JSON", f"line {number}: not a JSON object")
    return document


def _error(path: Path, fr: str, en: str) -> ResourceFileError:
    return ResourceFileError(
        Text(
            fr=f"{path} : {fr} ; attendu une ressource FHIR JSON, ou une par ligne (.ndjson, .ndjson.zst).",
            en=f"{path}: {en}; expected a FHIR resource in JSON, or one per line (.ndjson, .ndjson.zst).",
        )
    )
