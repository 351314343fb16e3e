"""A JSON Web Key Set in a file, read again when the file changes.

Spec: RFC 7517 section 5
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

MOST_BYTES = 200_000
NO_KEYS: Mapping[str, Any] = {"keys": []}


def read_key_set(text: bytes) -> Mapping[str, Any]:
    """Return the key set that a text holds; what is no key set holds no key."""
    try:
        data = orjson.loads(text) if len(text) <= MOST_BYTES else None
    except orjson.JSONDecodeError:
        return NO_KEYS
    return data if isinstance(data, dict) and isinstance(data.get("keys"), list) else NO_KEYS


class KeyFile:
    """The key set of one file. A file that cannot be read, or is no key set, holds no key."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, ...] = ()
        self._keys = NO_KEYS

    def keys(self) -> Mapping[str, Any]:
        """Return the keys that the file holds now."""
        try:
            found = self._path.stat()
            seen = (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
            if seen != self._seen:
                with self._path.open("rb") as file:
                    self._keys = read_key_set(file.read(MOST_BYTES + 1))
                self._seen = seen
        except OSError:
            self._seen, self._keys = (), NO_KEYS
        return self._keys
