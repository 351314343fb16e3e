"""``lab data join``: complete a hospital from its shards."""

import time
from pathlib import Path
from typing import Annotated

import typer

from lab.cli.data.failing import one_sentence
from lab.cli.data.generate import show


def join(
    shards: Annotated[
        list[Path], typer.Argument(metavar="SHARD_DIR...", help="All the parts, in any order.")
    ],
    out_: Annotated[Path, typer.Option("--out", help="An empty folder.")],
) -> None:
    """Put the parts of `lab data generate --shard I/N` together; the bytes are those of one generation."""
    from synthetic_data.folder.generate import join_shards  # noqa: PLC0415

    began = time.monotonic()
    with one_sentence():
        manifest = join_shards(shards, out_)
    show(manifest, out_, time.monotonic() - began)
