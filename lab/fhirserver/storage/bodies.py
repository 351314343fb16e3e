"""The bytes of resources as the store keeps them: compressed, most of them with what they have in common.

A dictionary is learnt from the resources of a bulk load; a body says in its own frame which dictionary it
needs, so that old bodies stay readable when a later load learns another.

Spec: https://www.rfc-editor.org/rfc/rfc8878
"""

from collections.abc import Sequence

import zstandard

from lab.fhirserver.storage.connection import Connection
from lab.fhirserver.storage.type_numbers import number

LEVEL = 3
_SIZE = 32_768
_WITH_DICTIONARY = 0b100011
"""Of the fifth byte of a frame: it says its size, and which dictionary it needs in four bytes that follow."""
_FEWEST = 200
"""Below that many samples, a dictionary cannot be learnt, nor would it pay."""


class Bodies:
    """Packs and unpacks bodies with the dictionaries of one store, one for each type that has one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._readers: dict[bytes, zstandard.ZstdDecompressor] = {}
        self._plain = packer(None)
        rows = connection.execute("select type, content from dictionary order by n")
        self._writers = {type_: packer(content) for type_, content in rows}

    def pack(self, type_: str, body: bytes) -> bytes:
        """Return the bytes to keep."""
        return self._writers.get(number(type_), self._plain).compress(body)

    def unpack(self, packed: bytes) -> bytes:
        """Return the body of what was kept."""
        written = packed[5:9] if packed[4] & _WITH_DICTIONARY == _WITH_DICTIONARY else b""
        reader = self._readers.get(written)
        if reader is None:
            reader = self._readers[written] = self._reader(int.from_bytes(written, "little"))
        return reader.decompress(packed)

    def learn(self, type_: str, samples: Sequence[bytes]) -> bytes | None:
        """Learn a dictionary from bodies of a type, keep it and return it; None when they are too few."""
        if len(samples) < _FEWEST:
            return None
        try:
            content = zstandard.train_dictionary(_SIZE, list(samples), level=LEVEL).as_bytes()
        except zstandard.ZstdError:
            return None  # the samples have nothing in common
        self._connection.execute(
            "insert into dictionary(type, content) values (?, ?)", (number(type_), content)
        )
        self._writers[number(type_)] = packer(content)
        return content

    def _reader(self, id_: int) -> zstandard.ZstdDecompressor:
        for (content,) in self._connection.execute("select content from dictionary"):
            known = zstandard.ZstdCompressionDict(content)
            if known.dict_id() == id_:
                return zstandard.ZstdDecompressor(dict_data=known)
        return zstandard.ZstdDecompressor()


def packer(content: bytes | None) -> zstandard.ZstdCompressor:
    """Return what compresses bodies, with a dictionary if there is one."""
    known = zstandard.ZstdCompressionDict(content) if content else None
    if known:
        known.precompute_compress(level=LEVEL)
    return zstandard.ZstdCompressor(level=LEVEL, dict_data=known, write_checksum=False)
