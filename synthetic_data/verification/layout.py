r"""Where each value stands in one line of JSON, and what it is called.

A path names an element with its ranks: `identifier[0].value`. Offsets are bytes from the start of the line.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson

Json = Any  # any JSON value
_TOKEN = re.compile(rb'"[^"]*"|[{}\[\]:,]|[^{}\[\]:,"\s]+')
_AFTER_YEAR = ("", "-")
_RANK = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Place:
    """A text (without its quotes), number or literal of a line: first byte, length, whether it is quoted."""

    offset: int
    length: int
    quoted: bool


class UnsteadyError(ValueError):
    """Digits of this line may change its structure (escapes, names with digits): it must be parsed alone."""


class DuplicateNameError(ValueError):
    """An object names the same element twice; the message is the path."""


def without_ranks(path: str) -> str:
    """Give the path without its ranks: `identifier.value`."""
    return _RANK.sub("", path)


def element(path: str) -> str:
    """Give the last name of a path: `value`."""
    return _RANK.sub("", path[path.rfind(".") + 1 :])


def layout(line: bytes) -> dict[str, Place]:
    """Give the place of each value of a line of valid JSON that holds one object.

    UnsteadyError when the digits of the line do more than stand inside values, DuplicateNameError when an
    element is repeated.
    """
    if b"\\" in line:
        raise UnsteadyError
    places: dict[str, Place] = {}
    _Scanner(line, places).value("")
    return places


class _Scanner:
    """Reads the tokens of one line, deeper at each object or array."""

    def __init__(self, line: bytes, places: dict[str, Place]) -> None:
        self.tokens: Iterator[re.Match[bytes]] = _TOKEN.finditer(line)
        self.places = places

    def value(self, path: str) -> None:
        self.rest(path, next(self.tokens))

    def rest(self, path: str, token: re.Match[bytes]) -> None:
        """Read the value that begins with this token."""
        text = token[0]
        if text == b"{":
            self.object(f"{path}." if path else "")
        elif text == b"[":
            self.array(path)
        else:
            quoted = text.startswith(b'"')
            self.places[path] = Place(token.start() + quoted, len(text) - 2 * quoted, quoted)

    def object(self, prefix: str) -> None:
        names: set[bytes] = set()
        for token in self.tokens:
            text = token[0]
            if text == b"}":
                return
            if text == b",":
                continue
            name = text[1:-1].decode()
            if not name.isascii() or any(map(str.isdigit, name)):
                raise UnsteadyError
            if text in names:
                raise DuplicateNameError(prefix + name)
            names.add(text)
            next(self.tokens)  # the colon
            self.value(prefix + name)

    def array(self, path: str) -> None:
        rank = 0
        for token in self.tokens:
            if token[0] == b"]":
                return
            if token[0] != b",":
                self.rest(f"{path}[{rank}]", token)
                rank += 1


def parse(line: bytes) -> dict[str, Json]:
    """Parse one line strictly; ValueError (DuplicateNameError included) says what is wrong with it."""
    resource = orjson.loads(line)
    if not isinstance(resource, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - what is wrong is the line
    # What survives writing again cannot have lost a repeated name; the rest is read once more, slowly.
    if orjson.dumps(resource) != line:
        json.loads(line, object_pairs_hook=_unique_names)
    return resource


def _unique_names(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise DuplicateNameError(next(name for name in names if names.count(name) > 1))
    return found


@cache
def _steps(path: str) -> tuple[str | int, ...]:
    return tuple(int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", path))


def value_at(resource: Json, path: str) -> Json:
    """Give the value of a parsed resource at a path; None when there is none."""
    value = resource
    for step in _steps(path):
        if isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                return None
            value = value[step]
        else:
            if not isinstance(value, dict):
                return None
            value = value.get(step)
    return value


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found in a resource: path (of the holder, for references) and text."""

    references: list[tuple[str, str]]
    dates: list[tuple[str, str]]


def find(resource: Json, findings: Findings, prefix: str = "") -> None:
    """Add the references of a parsed resource, and the texts that could be dates.

    This walks through every value of every line that is parsed: it is written to be short to run.
    """
    for name, value in resource.items():
        kind = type(value)
        if kind is str:
            if name == "reference":
                findings.references.append((prefix[:-1], value))
            elif value[4:5] in _AFTER_YEAR and value[:4].isdigit():
                findings.dates.append((prefix + name, value))
        elif kind is dict:
            find(value, findings, f"{prefix}{name}.")
        elif kind is list:
            _find_in_list(value, findings, prefix + name)


def _find_in_list(values: list[Json], findings: Findings, path: str) -> None:
    for rank, value in enumerate(values):
        if isinstance(value, dict):
            find(value, findings, f"{path}[{rank}].")
        elif isinstance(value, str) and value[4:5] in _AFTER_YEAR and value[:4].isdigit():
            findings.dates.append((f"{path}[{rank}]", value))
