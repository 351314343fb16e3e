"""Read what a platform asks of servers: one of ours by its name, or the file of a hospital.

The files of ours are in ``lab/requirements/platforms``.
"""

from importlib.resources import files
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from lab.manifest.json_files import JsonFileError, read_object
from lab.model.platform import AskedType, Platform
from lab.model.text import Text

_NAMES = {"type": "array", "items": {"type": "string", "minLength": 1}, "uniqueItems": True}
_TEXT = {
    "type": "object",
    "required": ["fr", "en"],
    "additionalProperties": False,
    "properties": {"fr": {"type": "string"}, "en": {"type": "string"}},
}
_ASKED = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"interactions": _NAMES, "parameters": _NAMES, "profiles": _NAMES},
}
_SCHEMA = {
    "type": "object",
    "required": ["title", "resources"],
    "additionalProperties": False,
    "properties": {
        "title": _TEXT,
        "resources": {"type": "object", "minProperties": 1, "additionalProperties": _ASKED},
    },
}


def known_platforms() -> dict[str, Path]:
    """Return the files of ours by name."""
    folder = Path(str(files("lab.requirements") / "platforms"))
    return {file.stem: file for file in sorted(folder.glob("*.json"))}


def read_platform(name: str, folder: Path) -> Platform:
    """Read a platform by its name, or from a file whose path is relative to a folder.

    Raises:
        JsonFileError: with one sentence that says what to do.
    """
    file = known_platforms().get(name)
    if file is None and not (folder / name).is_file():
        known = ", ".join(known_platforms())
        raise JsonFileError(f"there is no platform {name!r}: give the path of a file, or one of {known}.")
    data: dict[str, Any] = read_object(file or folder / name)
    error = next(iter(sorted(Draft202012Validator(_SCHEMA).iter_errors(data), key=str)), None)
    if error is not None:
        raise JsonFileError(f"{name} is no platform: at {error.json_path}, {error.message}.")
    asked = {
        type_: AskedType(**{part: tuple(names) for part, names in one.items()})
        for type_, one in data["resources"].items()
    }
    return Platform(Path(name).stem, Text(**data["title"]), asked)
