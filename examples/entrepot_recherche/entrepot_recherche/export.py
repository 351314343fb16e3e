"""One export of the cohort: kick-off, polling, files one by one, and the job deleted at the end.

Spec: https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from entrepot_recherche.hospital import Hospital, HospitalError, retry_after

JSON = dict[str, Any]
TYPES = "Patient,Observation"
FILE_TRIES = 3
FIRST_PAUSE_S = 0.5
MAX_PAUSE_S = 60.0
_LOG = logging.getLogger("entrepot_recherche")


class Export:
    """The export of one Group; ``keep`` receives every resource, ``drop`` the type and id of the deleted."""

    def __init__(self, hospital: Hospital, keep: Callable[[JSON], None], drop: Callable[[str], None]) -> None:
        self.hospital = hospital
        self.keep = keep
        self.drop = drop

    def run(self, group: str) -> None:
        """Export the Group; the job is deleted when it is done, and when it is given up."""
        job = self.kick_off(group)
        try:
            manifest = self.wait(job)
            for file in manifest.get("output", []):
                self.take(file, self.keep)
            for file in manifest.get("deleted", []):
                self.take(file, self.forget)
            for file in manifest.get("error", []):
                self.take(file, lambda outcome: _LOG.warning("export_issue %s", json.dumps(outcome)))
        finally:
            self.close(job)

    def kick_off(self, group: str) -> str:
        """Start the job and return where its status is asked for."""
        headers = {"Prefer": "respond-async"}
        answer = self.hospital.send("GET", f"Group/{group}/$export?_type={TYPES}", headers=headers)
        if answer.status_code != 202:
            raise HospitalError(f"the export does not start: {answer.status_code}")
        return answer.headers["content-location"]

    def wait(self, job: str) -> JSON:
        """Ask for the status until the job is done; the pause is the one asked for, else it doubles."""
        pause = FIRST_PAUSE_S
        while True:
            answer = self.hospital.send("GET", job, headers={"Accept": "application/json"})
            if answer.status_code == 200:
                return answer.json()
            if answer.status_code != 202:
                raise HospitalError(f"the export failed: {answer.status_code}")
            asked = retry_after(answer)
            time.sleep(pause if asked is None else asked)
            pause = min(MAX_PAUSE_S, 2 * pause) if asked is None else FIRST_PAUSE_S

    def take(self, file: JSON, use: Callable[[JSON], None]) -> None:
        """Download one file, again when it is not whole, and use its lines only then."""
        path = self.hospital.settings.folder / "export.ndjson"
        for _ in range(FILE_TRIES):
            answer = self.hospital.send(
                "GET", file["url"], headers={"Accept": "application/fhir+ndjson"}, into=path
            )
            if answer.status_code == 200 and self.is_whole(path, file):
                for line in path.open("rb"):
                    use(json.loads(line))
                return
        raise HospitalError(f"a file of {file.get('type')} is not whole")

    def is_whole(self, path: Path, file: JSON) -> bool:
        """Tell whether every line is JSON and there are as many as announced; one line at a time."""
        lines = 0
        try:
            for line in path.open("rb"):
                json.loads(line)
                lines += 1
        except ValueError:
            return False
        return lines == file.get("count", lines)

    def forget(self, bundle: JSON) -> None:
        """Drop what the entries of a Bundle of deletions name."""
        for entry in bundle.get("entry", []):
            self.drop(entry["request"]["url"])

    def close(self, job: str) -> None:
        """Tell the hospital that its files are needed no more."""
        self.hospital.send("DELETE", job)
