"""What the operator sets, from environment variables only."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SCOPES = (
    "system/Encounter.rs system/Location.rs system/Patient.rs "
    "system/Practitioner.rs system/PractitionerRole.rs"
)
"""The least that the board needs; it never writes."""


class SettingError(ValueError):
    """One sentence: what was expected, what was seen, what to do."""


@dataclass(frozen=True)
class Settings:
    """``fhir_base_url`` has no trailing slash; ``port`` 0 lets the system choose."""

    fhir_base_url: str
    client_id: str
    key_file: Path
    consumers_file: Path
    host: str = "127.0.0.1"
    port: int = 0
    poll_interval_s: float = 2.0
    scopes: str = SCOPES
    locations: tuple[str, ...] = ("loc-urg-purpan", "loc-urg-rangueil")
    key_id: str = ""
    state_file: Path | None = None


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings.

    Raises:
        SettingError: a variable is missing or cannot be read.
    """
    base = _required(environment, "HOSPITAL_FHIR_BASE_URL", "the FHIR base of the hospital").rstrip("/")
    if not base.startswith(("https://", "http://")):
        message = (
            f"HOSPITAL_FHIR_BASE_URL is {base!r}: expected an http(s) URL such as https://fhir.chu.fr/fhir."
        )
        raise SettingError(message)
    state = environment.get("BOARD_STATE_FILE", "")
    defaults = Path(__file__).parents[1] / "consumers.json"
    return Settings(
        fhir_base_url=base,
        client_id=_required(environment, "BOARD_CLIENT_ID", "the client id the hospital gave you"),
        key_file=Path(_required(environment, "BOARD_KEY_FILE", "the path of your private key (JWK or PEM)")),
        consumers_file=Path(environment.get("BOARD_CONSUMERS") or defaults),
        host=environment.get("BOARD_HOST") or "127.0.0.1",
        port=int(_number(environment, "BOARD_PORT", 0)),
        poll_interval_s=_number(environment, "BOARD_POLL_INTERVAL_S", 2),
        locations=tuple((environment.get("BOARD_LOCATIONS") or "loc-urg-purpan,loc-urg-rangueil").split(",")),
        key_id=environment.get("BOARD_KEY_ID", ""),
        state_file=Path(state) if state else None,
    )


def _required(environment: Mapping[str, str], name: str, meaning: str) -> str:
    value = environment.get(name, "")
    if not value:
        message = f"The environment variable {name} is not set: give it {meaning}."
        raise SettingError(message)
    return value


def _number(environment: Mapping[str, str], name: str, default: float) -> float:
    text = environment.get(name, "")
    try:
        value = float(text) if text else float(default)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 65_535:
        message = f"{name} is {text!r}: expected a positive number. Correct it or leave it out."
        raise SettingError(message)
    return value
