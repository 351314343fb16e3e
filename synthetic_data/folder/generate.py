"""Write a hospital into a folder, whole or by shards that any batch engine may run apart."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from synthetic_data.facts.volumes import block_count
from synthetic_data.folder.block_part import COMPRESSED
from synthetic_data.folder.draft import Draft, read_journal
from synthetic_data.folder.finish import finish
from synthetic_data.folder.manifest import FolderError, Manifest, plan_of
from synthetic_data.folder.workers import drawn_blocks
from synthetic_data.plan import HospitalPlan

Progress = Callable[[int, int], None]
"""Called with the blocks done and the blocks in all."""


@dataclass(frozen=True, slots=True)
class Shard:
    """Part `index` of `of`, from 1; ValueError when there is no such part."""

    index: int
    of: int

    def __post_init__(self) -> None:
        """Refuse a part that does not exist."""
        if not 1 <= self.index <= self.of:
            raise ValueError(
                f"expected a shard from 1/{self.of} to {self.of}/{self.of}, got {self.index}/{self.of}"
            )

    def blocks(self, count: int) -> range:
        """Give the blocks of this part; parts follow one another."""
        return range(count * (self.index - 1) // self.of, count * self.index // self.of)


def generate_folder(
    plan: HospitalPlan,
    folder: Path,
    *,
    workers: int = 1,
    format_: str = COMPRESSED,
    shard: Shard | None = None,
    progress: Progress | None = None,
) -> Manifest | None:
    """Write the hospital, or resume where it was interrupted; bytes depend on the plan alone.

    Returns the manifest, None for one shard of several: `join_shards` completes them. Raises FolderError when
    the folder holds something else, OSError when it cannot be written; what is written then stays, and the
    same call goes on from there.
    """
    blocks = (shard or Shard(1, 1)).blocks(block_count(plan.patients))
    draft = Draft(folder, plan, format_, blocks.start)
    with closing(draft):
        missing = range(draft.next, blocks.stop)
        if progress:
            progress(len(blocks) - len(missing), len(blocks))
        for block in drawn_blocks(plan, missing, format_, workers):
            draft.append(block)
            if progress:
                progress(block.number + 1 - blocks.start, len(blocks))
    if shard and shard.of > 1:
        return None
    return finish(folder, plan, format_, draft.entries)


def join_shards(shards: list[Path], folder: Path) -> Manifest:
    """Complete a hospital from all its shards, in any order: the bytes are those of one generation.

    FolderError when a shard is missing, twice there, unfinished or of another hospital, or when `folder` is
    one of them.
    """
    if folder.resolve() in [path.resolve() for path in shards]:
        raise FolderError(
            fr=f"Attendu un autre dossier que ceux des parties, reçu {folder} : choisir un dossier vide.",
            en=f"Expected another folder than those of the parts, got {folder}: choose an empty one.",
        )
    read = sorted(
        ((path, *read_journal(path)) for path in shards), key=lambda one: (one[1]["first"], len(one[2]))
    )
    head = read[0][1]
    plan, format_ = plan_of(head["plan"]), head["format"]
    expected = 0
    for path, own, entries in read:
        if own | {"first": 0} != head | {"first": 0}:
            raise FolderError(
                fr=f"Attendu les parties d'un même hôpital, reçu un autre dans {path} : le laisser de côté.",
                en=f"Expected the parts of one hospital, got another one in {path}: leave it out.",
            )
        if own["first"] != expected:
            raise FolderError(
                fr=f"Attendu la partie qui commence au bloc {expected}, reçu {path}, qui commence au bloc "
                f"{own['first']} : donner chaque partie une fois, finie.",
                en=f"Expected the part that begins at block {expected}, got {path}, which begins at block "
                f"{own['first']}: give each part once, finished.",
            )
        expected += len(entries)
    if expected != (count := block_count(plan.patients)):
        raise FolderError(
            fr=f"Attendu {count} blocs en tout, reçu {expected} : une partie manque ou n'est pas finie.",
            en=f"Expected {count} blocks in all, got {expected}: a part is missing or unfinished.",
        )
    draft = Draft(folder, plan, format_)
    with closing(draft):
        draft.adopt((path, entries) for path, _, entries in read)
    return finish(folder, plan, format_, draft.entries)
