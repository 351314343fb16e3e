"""Fill a backend with the synthetic hospital and keep the answer key: who belongs to which cohort."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import zstandard

from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.storage.address import Place, is_database
from lab.fhirserver.storage.bulk import Piece, build
from lab.sandbox.drawn import drawn_pieces
from lab.sandbox.ndjson_folder import resources_in
from lab.sandbox.plan import PlanError, SandboxPlan
from synthetic_data import HospitalPlan, generate
from synthetic_data.folder.block_part import COMPRESSED
from synthetic_data.folder.manifest import read_manifest
from synthetic_data.folder.read import damaged, resources

_MOST_WORKERS = 4
_SMALL = 2_000_000  # bytes as they are in the folder

Groups = dict[str, tuple[str, ...]]
Progress = Callable[[int], None]


def seed(
    plan: SandboxPlan, open_backend: Callable[[], EmbeddedBackend], progress: Progress
) -> tuple[EmbeddedBackend, int, Groups]:
    """Return the backend of a filled hospital, its number of resources and the patients of each Group.

    Raises:
        FolderError: the folder of the plan is not complete, or damaged.
        PlanError: the store holds resources already, or the folder of a hospital of another release than R4
            what is not valid.
    """
    if plan.release != "R4":
        return _of_another_release(plan, _empty(open_backend()), progress)
    if plan.data:
        folder = Path(plan.data)
        count = from_folder(plan.store, folder, frozenset(plan.types), progress)
        members = (_members(group) for group in resources(folder, frozenset({"Group"})))
        wanted = not plan.types or "Group" in plan.types
        return open_backend(), count, dict(members) if wanted else {}
    drawn = generate(HospitalPlan(seed=plan.seed, patients=plan.patients))
    if is_database(plan.store) or Path(plan.store).exists():
        return _loaded(_empty(open_backend()), drawn, progress)
    groups: Groups = {}
    with TemporaryDirectory(prefix="lab-") as private:
        pieces = drawn_pieces(_grouped(drawn, groups), Path(private) / "drawn.ndjson.zst")
        count = build(plan.store, pieces, workers=_workers(pieces), progress=progress)
    return open_backend(), count, groups


def _empty(backend: EmbeddedBackend) -> EmbeddedBackend:
    if not backend.is_empty():
        backend.close()
        raise PlanError(
            "The store holds resources already: name an empty database, or none for a file that goes."
        )
    return backend


def _of_another_release(
    plan: SandboxPlan, backend: EmbeddedBackend, progress: Progress
) -> tuple[EmbeddedBackend, int, Groups]:
    """Return a hospital of the resources of a folder, or one that is empty: none is drawn but of R4."""
    if not plan.data:
        return backend, 0, {}
    try:
        given = resources_in(Path(plan.data), plan.release, frozenset(plan.types))
        return _loaded(backend, given, progress)
    except ValueError as error:
        raise PlanError(str(error)) from None


def _loaded(
    backend: EmbeddedBackend, given: Iterable[dict[str, Any]], progress: Progress
) -> tuple[EmbeddedBackend, int, Groups]:
    """Store resources and note the members of the Groups among them."""
    groups: Groups = {}

    def observed() -> Iterator[dict[str, Any]]:
        for count, resource in enumerate(_grouped(given, groups), start=1):
            if count % 2000 == 0:
                progress(count)
            yield resource

    return backend, backend.load(observed()), groups


def from_folder(
    store: Place, folder: Path, types: frozenset[str], progress: Progress, workers: int | None = None
) -> int:
    """Make a store of the resources of a folder, all or those of some types; return how many.

    Raises:
        FolderError: the folder is not complete, or damaged.
    """
    pieces = []
    for file in read_manifest(folder).files:
        if types and not file.is_one_of(types):
            continue
        offset = 0
        for length in file.blocks:
            pieces.append(
                Piece(folder / file.name, file.type, offset, length, file.name.endswith(COMPRESSED))
            )
            offset += length
    try:
        return build(store, pieces, workers=_workers(pieces, workers), progress=progress)
    except (zstandard.ZstdError, ValueError, FileNotFoundError) as error:
        raise damaged(folder, error) from None


def _workers(pieces: Sequence[Piece], most: int | None = None) -> int:
    """Return in how many processes to prepare: they take a second to start, which a few thousand do not."""
    small = sum(piece.length for piece in pieces) < _SMALL
    return 1 if small else most or min(_MOST_WORKERS, os.cpu_count() or 1)


def _grouped(given: Iterable[dict[str, Any]], groups: Groups) -> Iterator[dict[str, Any]]:
    """Yield the resources, and note the members of the Groups among them."""
    for resource in given:
        if resource["resourceType"] == "Group":
            groups.update([_members(resource)])
        yield resource


def _members(group: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    references = (member.get("entity", {}).get("reference", "") for member in group.get("member", []))
    return group["id"], tuple(reference.partition("/")[2] for reference in references if reference)
