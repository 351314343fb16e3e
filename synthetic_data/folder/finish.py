"""Complete a folder: what concerns the hospital as a whole, the answer key, the digests, the manifest."""

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from synthetic_data.answers.key import write_answers
from synthetic_data.answers.tally import merged
from synthetic_data.folder.block_part import Part, put
from synthetic_data.folder.draft import JOURNAL, Entry
from synthetic_data.folder.manifest import FileEntry, Manifest, manifest_of, write_manifest
from synthetic_data.plan import HospitalPlan
from synthetic_data.resources.kind import Kind, kinds


def finish(folder: Path, plan: HospitalPlan, format_: str, entries: list[Entry]) -> Manifest:
    """Complete a folder whose blocks are all written, and give its manifest.

    `entries`: what the journal says of the blocks, in order.
    """
    whole: dict[str, Part] = {}
    tally = merged(entry.tally for entry in entries)
    for kind in kinds():
        if kind.of_hospital:
            put(whole, kind, kind.of_hospital(plan), format_)
        elif kind.of_cohorts:
            put(whole, kind, kind.of_cohorts(plan, tally["cohorts"]), format_)
    for name, part in whole.items():
        (folder / f"{name}.{format_}.part").write_bytes(part.data)
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda kind: _entry(folder, kind, format_, entries, whole), kinds())
        files = tuple(file for file in found if file is not None)
    for file in files:
        (folder / f"{file.name}.part").rename(folder / file.name)
    for empty in folder.glob("*.part"):
        empty.unlink()
    answers = write_answers(folder / "answers", plan, tally)
    manifest = manifest_of(plan, files, answers)
    write_manifest(manifest, folder)
    (folder / JOURNAL).unlink()
    return manifest


def _entry(
    folder: Path, kind: Kind, format_: str, entries: Iterable[Entry], whole: dict[str, Part]
) -> FileEntry | None:
    """Describe the file of a kind; None when it has no resource."""
    if kind.of_block:
        parts = [entry.parts[kind.name] for entry in entries if kind.name in entry.parts]
    else:
        one = whole.get(kind.name)
        parts = [(len(one.data), one.lines, one.content_bytes, one.digest)] if one else []
    if not parts:
        return None
    name = f"{kind.name}.{format_}"
    return FileEntry(
        name=name,
        type=kind.type,
        family=kind.family,
        lines=sum(lines for _, lines, _, _ in parts),
        bytes=sum(size for size, _, _, _ in parts),
        content_bytes=sum(size for _, _, size, _ in parts),
        sha256=_sha256(folder / f"{name}.part"),
        content_sha256=hashlib.sha256(
            b"".join(bytes.fromhex(digest) for _, _, _, digest in parts)
        ).hexdigest(),
        blocks=tuple(size for size, _, _, _ in parts),
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
