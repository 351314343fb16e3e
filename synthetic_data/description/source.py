"""A folder opened to be described: its manifest, and which file holds what."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from synthetic_data.folder.manifest import FolderError, Manifest, read_manifest
from synthetic_data.verification.folder import DataFile, open_folder
from synthetic_data.verification.folder import FolderError as OtherFolderError


@dataclass(frozen=True, slots=True)
class Source:
    """`files` are those of the manifest, in its order; `start` and `now` bound the period described."""

    path: Path
    manifest: Manifest
    files: tuple[DataFile, ...]
    start: datetime
    now: datetime

    def of(self, type_: str, family: str | None = None) -> tuple[DataFile, ...]:
        """Give the files of a type, all or those of one family."""
        pairs = zip(self.files, self.manifest.files, strict=True)
        return tuple(one for one, said in pairs if one.type == type_ and family in (None, said.family))


def open_source(path: Path) -> Source:
    """Open a folder; FolderError when it is unfinished, foreign, or lacks a file that it announces."""
    manifest = read_manifest(path)
    try:
        folder = open_folder(path)
        announced = sorted(file.name for file in folder.files)
        names = [*announced, *(f"answers/{name}" for name in sorted(folder.answers))]
        seed, patients, scale = (manifest.plan[name] for name in ("seed", "patients", "scale"))
        usable = all(isinstance(value, int | float) for value in (seed, patients, scale))
    except (OtherFolderError, KeyError, TypeError):
        raise unreadable(path) from None
    if not usable or folder.plan.start >= folder.plan.now:
        raise unreadable(path)
    for name in names:
        if ".." in Path(name).parts or not (path / name).is_file():
            raise damaged(path, name, "absent", "missing")
    return Source(path, manifest, folder.files, folder.plan.start, folder.plan.now)


def unreadable(path: Path) -> FolderError:
    """Say that a manifest cannot be used."""
    return FolderError(
        fr=f"Attendu le manifeste d'un hôpital complet dans {path}, reçu un autre, dont le plan ou "
        "les fichiers sont illisibles : générer à nouveau.",
        en=f"Expected the manifest of a complete hospital in {path}, got one whose plan or files cannot be "
        "read: generate again.",
    )


def damaged(path: Path, name: str, fr: str, en: str) -> FolderError:
    """Say that a file is not what was generated."""
    return FolderError(
        fr=f"Attendu {name} tel que généré dans {path}, reçu un fichier abîmé ou absent ({fr}) : lancer "
        "`lab data verify`, puis générer à nouveau.",
        en=f"Expected {name} as it was generated in {path}, got a damaged or missing file ({en}): run "
        "`lab data verify`, then generate again.",
    )
