"""Rewrite a page link as an attacker would: what it holds in clear, what it encodes, and single characters.

Source: five-levels reference, L4-26; CWE-565 (reliance on data that the client holds).
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from lab.api import Cohort, Truth

_OPAQUE = re.compile(r"[A-Za-z0-9_\-.~=+/]{16,}")
_COUNT = "10000"
_MEMBERS = 8
_NUMBER = re.compile(r"\d{1,6}")
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Change:
    """``what`` was changed; ``opaque`` when it is something that no honest caller would ever write."""

    url: str
    what: str
    opaque: bool


def tampered(link: str, cohort: Cohort, truth: Truth) -> Iterator[Change]:
    """Yield rewritten forms of a link: towards the outside first, then by one character."""
    parts = urlsplit(link)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    outside, words = cohort.outside[0], _words(cohort, truth)

    def url(changed: Pairs) -> str:
        return urlunsplit(parts._replace(query=urlencode(changed, safe=":,/|$")))

    for place, (name, value) in enumerate(pairs):
        for encoded in _rewritten(value, words):
            yield Change(url(_put(pairs, place, encoded)), f"another {name} inside", opaque=True)
        if _NUMBER.fullmatch(value):
            yield Change(url(_put(pairs, place, _COUNT)), f"{name}={_COUNT}", opaque=False)
        elif _OPAQUE.fullmatch(value) and value not in words:
            for at in (len(value) // 4, len(value) // 2, len(value) - 6):
                changed = f"{value[:at]}{'B' if value[at] == 'A' else 'A'}{value[at + 1 :]}"
                yield Change(url(_put(pairs, place, changed)), f"one character of {name}", opaque=True)
            half = value[: len(value) // 2]
            yield Change(url(_put(pairs, place, half)), f"half of {name}", opaque=True)
    yield Change(url([*pairs, ("_id", outside)]), "_id added", opaque=False)
    if (path := _path_changed(parts.path)) is not None:
        yield Change(urlunsplit(parts._replace(path=path)), "one character of the path", opaque=True)


def _path_changed(path: str) -> str | None:
    """Return the path with one character of an opaque last segment changed."""
    head, _, tail = path.rpartition("/")
    if not _OPAQUE.fullmatch(tail):
        return None
    middle = len(tail) // 2
    return f"{head}/{tail[:middle]}{'b' if tail[middle] == 'a' else 'a'}{tail[middle + 1 :]}"


def _words(cohort: Cohort, truth: Truth) -> dict[str, str]:
    """Return what would lead outside in the place of what: group, client and patients."""
    server = truth.subject.server
    known = {name: server.identity(name) if server else None for name in ("restricted", "full", "other")}
    words = dict(zip(cohort.inside, cohort.outside, strict=False))
    restricted, full, other = known["restricted"], known["full"], known["other"]
    if restricted and full and restricted.client_id:
        words[restricted.client_id] = full.client_id
    if restricted and other and restricted.cohort_group:
        words[restricted.cohort_group] = other.cohort_group
    return {word: instead for word, instead in words.items() if word and instead}


def _put(pairs: Pairs, place: int, value: str) -> Pairs:
    return [*pairs[:place], (pairs[place][0], value), *pairs[place + 1 :]]


def _rewritten(value: str, words: dict[str, str]) -> Iterator[str]:
    """Yield the value with each word replaced where it stands in clear or in a base64 text within it.

    A JSON object is also opened: whatever narrows in it is taken away. What follows the text, as a signature
    does, is left as it was.
    """
    pieces = re.split(r"([.~])", value)
    for word, instead in words.items():
        if word in value:
            yield value.replace(word, instead)
    for place, piece in enumerate(pieces):
        held = _decoded(piece)
        changed = [held.replace(word.encode(), new.encode()) for word, new in words.items()]
        for text in dict.fromkeys([*changed, *_opened(held)]):
            if text != held:
                yield "".join([*pieces[:place], _encoded(text), *pieces[place + 1 :]])


def _opened(held: bytes) -> Iterator[bytes]:
    """Yield a JSON object in which whatever narrows is taken away: null in the place of each member."""
    text = held.decode("latin-1")
    try:
        said, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return
    if isinstance(said, dict):
        for name in list(said)[:_MEMBERS]:
            yield json.dumps({**said, name: None}).encode() + held[end:]


def _decoded(piece: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4))
    except (binascii.Error, ValueError):
        return b""


def _encoded(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode().rstrip("=")
