"""Lays a recorded body out on lines without changing one of its characters that matter.

Not ``json.loads`` then ``json.dumps``: that would rewrite decimals (1.10 is not 1.1 in FHIR), drop repeated
keys, and refuse the bodies that the journal has shortened.
"""

import re
from collections.abc import Sequence

_INDENT = "  "
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*(?:"|$)|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_WIDEST = 88
_DEEPEST = 40


def laid_out(body: str) -> str:
    """Return JSON one member per line, short leaves on one line; anything else as it is."""
    if not body.lstrip().startswith(("{", "[")):
        return body
    tokens: list[str] = _TOKEN.findall(body)
    pieces: list[str] = []
    depth = 0
    index = 0
    while index < len(tokens):
        token = tokens[index]
        leaf = _leaf(tokens, index)
        if leaf:
            pieces.append(_joined(leaf))
            index += len(leaf)
            continue
        if token in "{[":
            depth += 1
            pieces.append(token + _line(depth))
        elif token in "}]":
            depth = max(0, depth - 1)
            pieces.append(_line(depth) + token)
        elif token == ",":
            pieces.append(token + _line(depth))
        else:
            pieces.append(": " if token == ":" else token)
        index += 1
    return "".join(pieces)


def _leaf(tokens: Sequence[str], start: int) -> Sequence[str]:
    """Return the tokens of the object or array that begins here, if it is short and holds no other."""
    if tokens[start] not in "{[":
        return ()
    width = 0
    for end in range(start + 1, len(tokens)):
        token = tokens[end]
        width += len(token) + 1
        if token in "{[" or width > _WIDEST:
            return ()
        if token in "}]":
            return tokens[start : end + 1]
    return ()


def _joined(tokens: Sequence[str]) -> str:
    return "".join(f"{token} " if token in ",:" else token for token in tokens)


def _line(depth: int) -> str:
    return "\n" + _INDENT * min(depth, _DEEPEST)
