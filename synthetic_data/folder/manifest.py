"""What a folder says of itself: plan, versions, volumes, and for each file its lines, size and digests."""

import platform
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from synthetic_data.facts.volumes import YEAR, totals
from synthetic_data.plan import HospitalPlan

FORMAT = "fhir-integration-lab/hospital"
VERSION = 1
NAME = "manifest.json"


class FolderError(ValueError):
    """A folder cannot be written, read or completed: one sentence for the user, in both languages."""

    def __init__(self, fr: str, en: str) -> None:
        """Keep both sentences; the English one is that of logs."""
        super().__init__(en)
        self.fr, self.en = fr, en


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file. `blocks`: bytes of the part of each block of patients, in order, empty parts left out.

    `sha256` is that of the file; `content_sha256` hashes the SHA-256 of each part before compression, so that
    it does not depend on the compressor.
    """

    name: str
    type: str
    family: str
    lines: int
    bytes: int
    content_bytes: int
    sha256: str
    content_sha256: str
    blocks: tuple[int, ...]

    def is_one_of(self, names: frozenset[str]) -> bool:
        """Tell whether it is wanted: by its type, or by its own name such as `Observation.laboratory`."""
        return self.type in names or self.name.partition(".ndjson")[0] in names


@dataclass(frozen=True, slots=True)
class Manifest:
    """A complete folder. `answers` gives the SHA-256 of the files of the answer key."""

    plan: dict[str, Any]
    versions: dict[str, str]
    volumes: dict[str, int]
    files: tuple[FileEntry, ...]
    answers: dict[str, str] = field(default_factory=dict)
    format: str = FORMAT
    version: int = VERSION

    @property
    def lines(self) -> int:
        """Give the number of resources."""
        return sum(file.lines for file in self.files)

    @property
    def bytes(self) -> int:
        """Give the size of the files."""
        return sum(file.bytes for file in self.files)


def plan_facts(plan: HospitalPlan) -> dict[str, Any]:
    """Give the plan as the manifest writes it."""
    start = plan.now.timestamp() - 365 * 86_400
    return {
        "seed": plan.seed,
        "patients": plan.patients,
        "scale": plan.patients / YEAR["patients"],
        "start": plan.now.fromtimestamp(start, plan.now.tzinfo).isoformat(),
        "now": plan.now.isoformat(),
        "recent": plan.recent,
    }


def manifest_of(plan: HospitalPlan, files: tuple[FileEntry, ...], answers: dict[str, str]) -> Manifest:
    """Put a manifest together."""
    libraries = {name: version(name) for name in ("numpy", "pyarrow", "zstandard", "orjson")}
    own = {"generator": version("fhir-integration-lab"), "python": platform.python_version()}
    return Manifest(plan_facts(plan), own | libraries, totals(plan.patients), files, answers)


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write the manifest: from then on the folder is complete."""
    draft = folder / f"{NAME}.part"
    draft.write_bytes(orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    draft.rename(folder / NAME)


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a complete folder.

    FolderError when there is none (the generation was not finished) or when it is not one of this version.
    """
    path = folder / NAME
    if not folder.is_dir():
        raise FolderError(
            fr=f"Attendu un dossier fait par `lab data generate`, aucun dossier en {folder}.",
            en=f"Expected a folder made by `lab data generate`, got no folder at {folder}.",
        )
    if not path.is_file():
        raise FolderError(
            fr=f"Attendu {NAME} dans {folder}, absent : la génération n'est pas finie ; relancer la même "
            "commande "
            "pour la terminer.",
            en=f"Expected {NAME} in {folder}, got none: the generation was not finished; run the same "
            "command "
            "again to complete it.",
        )
    try:
        data = orjson.loads(path.read_bytes())
        known = (data["format"], data["version"])
        files = tuple(FileEntry(**{**file, "blocks": tuple(file["blocks"])}) for file in data.pop("files"))
        manifest = Manifest(files=files, **data)
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise FolderError(
            fr=f"Attendu un manifeste dans {path}, reçu autre chose ({type(error).__name__}) : générer à "
            "nouveau.",
            en=f"Expected a manifest in {path}, got something else ({type(error).__name__}): generate again.",
        ) from None
    if known != (FORMAT, VERSION):
        raise FolderError(
            fr=f"Attendu {FORMAT} version {VERSION} dans {path}, reçu {known[0]} {known[1]} : générer à "
            "nouveau.",
            en=f"Expected {FORMAT} version {VERSION} in {path}, got {known[0]} {known[1]}: generate again.",
        )
    return manifest


def plan_of(facts: dict[str, Any]) -> HospitalPlan:
    """Give the plan whose facts a manifest or a journal holds."""
    now = datetime.fromisoformat(facts["now"])
    return HospitalPlan(facts["seed"], facts["patients"], now, facts["recent"])
