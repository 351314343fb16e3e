"""Lays a recorded body out on lines without changing one of its characters that matter.

Not ``json.loads`` then ``json.dumps``: that would rewrite decimals (1.10 is not 1.1 in FHIR), drop repeated
keys, and refuse the bodies that the journal has shortened.
"""

import re
from collections.abc import Sequence

_INDENT = "  "
_LEXEME = re.compile(r'"(?:[^"\\]|\\.)*(?:"|$)|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_WIDEST = 88
_DEEPEST = 16


def laid_out(body: str) -> str:
    """Return JSON one member per line, short leaves on one line; anything else as it is."""
    if not body.lstrip().startswith(("{", "[")):
        return body
    lexemes: list[str] = _LEXEME.findall(body)
    pieces: list[str] = []
    depth = 0
    index = 0
    while index < len(lexemes):
        lexeme = lexemes[index]
        leaf = _leaf(lexemes, index)
        if leaf:
            pieces.append(_joined(leaf))
            index += len(leaf)
            continue
        if lexeme in "{[":
            depth += 1
            pieces.append(lexeme + _line(depth))
        elif lexeme in "}]":
            depth = max(0, depth - 1)
            pieces.append(_line(depth) + lexeme)
        elif lexeme == ",":
            pieces.append(lexeme + _line(depth))
        else:
            pieces.append(": " if lexeme == ":" else lexeme)
        index += 1
    return "".join(pieces)


def _leaf(lexemes: Sequence[str], start: int) -> Sequence[str]:
    """Return the lexemes of the object or array that begins here, if it is short and holds no other."""
    if lexemes[start] not in "{[":
        return ()
    width = 0
    for end in range(start + 1, len(lexemes)):
        lexeme = lexemes[end]
        width += len(lexeme) + 1
        if lexeme in "{[" or width > _WIDEST:
            return ()
        if lexeme in "}]":
            return lexemes[start : end + 1]
    return ()


def _joined(lexemes: Sequence[str]) -> str:
    return "".join(f"{lexeme} " if lexeme in ",:" else lexeme for lexeme in lexemes)


def _line(depth: int) -> str:
    return "\n" + _INDENT * min(depth, _DEEPEST)
