"""What the operator sets, from environment variables only."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SCOPES = "system/Group.rs system/Location.r system/Observation.crus system/Patient.rs"
"""The least that the warehouse needs: it writes its own results, nothing else."""


@dataclass(frozen=True)
class Settings:
    """``night_s`` is the time between two exports; ``folder`` is where files are while they are read."""

    base_url: str
    client_id: str
    key_file: Path
    group: str
    folder: Path
    port: int = 0
    night_s: float = 86_400.0


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings; what is missing raises a KeyError that names it."""
    return Settings(
        base_url=environment["HOSPITAL_FHIR_BASE_URL"].rstrip("/"),
        client_id=environment["WAREHOUSE_CLIENT_ID"],
        key_file=Path(environment["WAREHOUSE_KEY_FILE"]),
        group=environment["WAREHOUSE_GROUP"],
        folder=Path(environment["WAREHOUSE_FOLDER"]),
        port=int(environment.get("WAREHOUSE_PORT", "0")),
        night_s=float(environment.get("WAREHOUSE_NIGHT_S", "86400")),
    )
