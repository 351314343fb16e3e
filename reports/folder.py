"""Writes every report of a run beside it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reports.html import render_html
from reports.junit import render_junit


def write_reports(run: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """Write ``report.html`` and ``junit.xml`` into ``folder`` (made if absent) and return their paths.

    ``run`` is the parsed ``run.json``. The files hold nothing but what it says: no clock, no path, no
    chance, so that the same document gives the same bytes on every machine.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"report.html": render_html(run), "junit.xml": render_junit(run)}
    paths = []
    for name, text in texts.items():
        path = folder / name
        # Bytes, because a text file would get another end of line on Windows.
        path.write_bytes(text.encode())
        paths.append(path)
    return tuple(paths)
