"""The folder of one run: where each of its files stands."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class RunFolder:
    """``runs/<id>/``: the document, the reports, the journals, the context and the logs."""

    path: Path

    @property
    def document(self) -> Path:
        """The run document, from which everything else is rendered."""
        return self.path / "run.json"

    @property
    def context(self) -> Path:
        """What checks depended on besides answers; with the journals, enough to judge again."""
        return self.path / "context.json"

    @property
    def hospital_journal(self) -> Path:
        """Every request that reached the gateway, the token server or the decoy host."""
        return self.path / "journal" / "hospital.jsonl"

    @property
    def application_journal(self) -> Path:
        """The hospital's journal as it stood at the end of the watch: what client checks judge."""
        return self.path / "journal" / "application.jsonl"

    @property
    def impostors_journal(self) -> Path:
        """What the application did in front of false hospitals; the application's journal ends with it."""
        return self.path / "journal" / "impostors.jsonl"

    @property
    def watched_journal(self) -> str:
        """The path of the application's journal, empty when the application was not watched."""
        return str(self.application_journal) if self.application_journal.exists() else ""

    @property
    def laboratory_journal(self) -> Path:
        """Every request that a check sent."""
        return self.path / "journal" / "laboratory.jsonl"

    @property
    def preparation_journal(self) -> Path:
        """What the laboratory sent to prepare the application: its seed, the discovery before the load."""
        return self.path / "journal" / "preparation.jsonl"

    @property
    def vendor_journal(self) -> Path:
        """Every request that a check of the vendor sent."""
        return self.path / "journal" / "vendor-checks.jsonl"

    @property
    def load(self) -> Path:
        """What the load child left."""
        return self.path / "load"

    @property
    def baseline(self) -> Path:
        """What the load is compared with: the recording of an earlier run."""
        return self.path / "baseline"

    @property
    def pull(self) -> Path:
        """What was played to the application as a client under load: plan and events."""
        return self.path / "pull"

    @property
    def pulling(self) -> "RunFolder":
        """The folder of the pull under load of a certification, which has a hospital of its own."""
        return RunFolder(self.path / "pulling")

    @property
    def scaling(self) -> Path:
        """What the scalability measurement left: its plan and its cells."""
        return self.path / "scaling"

    @property
    def minimal_permission(self) -> Path:
        """The smallest Permission that would have let the application do what it did."""
        return self.path / "minimal-permission.json"

    @property
    def least_privilege(self) -> Path:
        """That proposal in plain words, in French and English."""
        return self.path / "least-privilege.txt"

    def journal_digests(self) -> dict[str, str]:
        """Return the SHA-256 of the journals that checks are judged on, as far as they are there."""
        files = (self.application_journal, self.laboratory_journal)
        return {
            f"journal/{file.name}": hashlib.sha256(file.read_bytes()).hexdigest()
            for file in files
            if file.is_file()
        }

    def log(self, name: str) -> Path:
        """The log of one of the processes."""
        return self.path / "logs" / f"{name}.log"


def new_folder(out: Path, name: str, started: datetime) -> RunFolder:
    """Make the folder of a new run; its name is the run's id: date, application, and a number if taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "application"
    stem = f"{started:%Y%m%dT%H%M%SZ}-{slug}"
    for number in range(1000):
        # Absolute, because the child processes work in folders of their own.
        path = out.resolve() / (stem if number == 0 else f"{stem}-{number}")
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            continue
        return RunFolder(path)
    raise FileExistsError(stem)
