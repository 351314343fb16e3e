"""Writes an exchange as a ``curl`` command that can be pasted into a shell and does only what it shows.

Options: https://curl.se/docs/manpage.html
"""

import re
import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

# Set by curl itself; a stale copy would make the replay differ from the record.
_OWN_HEADERS = {"accept-encoding", "connection", "content-length", "transfer-encoding"}
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_DIGEST = re.compile(r"(?<![0-9A-Za-z])h(?::|%3A)[0-9a-f]{12}(?![0-9A-Za-z])")
_OWNER = re.compile(r"""([A-Za-z][\w-]*)["']?\s*[=:]\s*["']?(?:[A-Za-z]+\s+)?\Z""")
_NAMES = {"AUTHORIZATION": "TOKEN"}


def curl(exchange: Mapping[str, Any]) -> str:
    """Return the command, one option per line.

    A redacted value (``h:`` and 12 hexadecimal digits) becomes a shell variable named after the header or
    the parameter that held it (``$TOKEN`` for ``Authorization``), to be exported before the replay; a
    second value of the same name becomes ``$TOKEN_2``. All the rest is quoted, so the shell expands nothing
    that was recorded.
    """
    given: dict[str, str] = {}
    headers = [(name, value) for name, value in exchange["request_headers"] if _kept(name, value, exchange)]
    lines = ["curl --include --globoff --path-as-is", *_method(exchange)]
    for name, value in headers:
        # `Name;` is how curl sends a header without value.
        lines.append(f"--header {quoted(f'{name}: {value}' if value else f'{name};', given)}")
    if exchange["request_body"]:
        if not any(name.lower() == "content-type" for name, _ in headers):
            lines.append("--header Content-Type:")
        # Not --data or --data-binary: they would read a file when the body begins with `@`.
        lines.append(f"--data-raw {quoted(exchange['request_body'], given)}")
    lines.append(f"--url {_address(exchange['url'], given)}")
    return " \\\n  ".join(lines)


def _method(exchange: Mapping[str, Any]) -> list[str]:
    method = exchange["method"]
    if method == "HEAD":
        return ["--head"]
    if method == "GET" and not exchange["request_body"]:
        return []
    return [f"--request {shlex.quote(method)}"]


def _kept(name: str, value: str, exchange: Mapping[str, Any]) -> bool:
    # A name that is no token could be `@file`, which curl would read.
    if not _HEADER_NAME.fullmatch(name) or name.lower() in _OWN_HEADERS:
        return False
    return name.lower() != "host" or value != _authority(exchange["url"])


def _authority(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def _address(url: str, given: dict[str, str]) -> str:
    # Anything but HTTP (a path alone, or file:) is put behind the base address that the reader chooses.
    if url.lower().startswith(("http://", "https://")):
        return quoted(url, given)
    return '"$BASE_URL"' + quoted(url, given)


def quoted(text: str, given: dict[str, str]) -> str:
    """Quote ``text`` for a POSIX shell, digests as variables; ``given`` remembers them by digest."""
    words: list[str] = []
    end = 0
    for found in _DIGEST.finditer(text):
        literal = text[end : found.start()]
        words += [shlex.quote(literal)] if literal else []
        words.append(f'"${_variable(found[0], text[: found.start()], given)}"')
        end = found.end()
    if end < len(text) or not words:
        words.append(shlex.quote(text[end:]))
    return "".join(words)


def _variable(digest: str, before: str, given: dict[str, str]) -> str:
    key = digest[-12:]
    if key not in given:
        owner = _OWNER.search(before[-80:])
        stem = re.sub(r"\W|-", "_", owner[1]).upper() if owner and owner[1].isascii() else "SECRET"
        stem = _NAMES.get(stem, stem)
        taken = set(given.values())
        turn = 1
        name = stem
        while name in taken:
            turn += 1
            name = f"{stem}_{turn}"
        given[key] = name
    return given[key]
