"""Look for private keys and secrets in what an application is delivered as; the values are never kept.

Sources: CWE-798; RFC 7468 (PEM), RFC 7517 section 9.3 (private members of a JSON Web Key).
"""

import re
from collections.abc import Iterator
from pathlib import Path

from lab.model.target import SystemUnderTest

_MOST_FILES = 5000
_MOST_BYTES = 2_000_000
_MARKS = (
    ("a private key (PEM)", re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{20}")),
    ("a private JSON Web Key", re.compile(rb'"kty"\s*:[^{}]*"d"\s*:\s*"[A-Za-z0-9_-]{20,}"')),
    ("a private JSON Web Key", re.compile(rb'"d"\s*:\s*"[A-Za-z0-9_-]{20,}"[^{}]*"kty"\s*:')),
    (
        "a client secret",
        re.compile(rb"""(?i)client[_-]?secret["']?\s*[:=]\s*["'](?![{$<])[^"'\s]{8,}["']"""),
    ),
    ("a bearer token", re.compile(rb"eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}")),
)


def found_in(subject: SystemUnderTest) -> tuple[str, ...]:
    """Return where secrets stand in the declared artefacts: ``path: what``, at most 20 of them."""
    folder = Path(subject.folder)
    named = subject.client.artefacts if subject.client else ()
    found = [
        f"{_place(file, folder)}: {what}"
        for name in named
        for file in _files(folder / name)
        for what in _secrets(file)
    ]
    return tuple(dict.fromkeys(found))[:20]


def _place(file: Path, folder: Path) -> str:
    return str(file.relative_to(folder)) if file.is_relative_to(folder) else file.name


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    files = (p for p in sorted(path.rglob("*")) if p.is_file() and not p.is_symlink())
    for n, file in enumerate(files):
        if n == _MOST_FILES:
            return
        yield file


def _secrets(file: Path) -> Iterator[str]:
    try:
        with file.open("rb") as content:
            data = content.read(_MOST_BYTES)
    except OSError:
        return
    yield from (what for what, mark in _MARKS if mark.search(data))
