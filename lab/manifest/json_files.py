"""Read the JSON files that a manifest names: one object each, and a library of resources by reference.

A key that is there twice is refused: of two networks or two statuses, a reader would ignore one.
Spec: https://www.rfc-editor.org/rfc/rfc8259#section-4
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Json = dict[str, Any]


class JsonFileError(ValueError):
    """A file that cannot be read as what it should be; the sentence says what to do."""


def read_object(file: Path) -> Json:
    """Read one JSON object.

    Raises:
        JsonFileError: the file cannot be read, is no JSON, or holds something else.
    """
    try:
        data = json.loads(
            file.read_text(encoding="utf-8"), object_pairs_hook=_members, parse_constant=_constant
        )
    except OSError as error:
        raise JsonFileError(f"cannot read {file} ({error.strerror}): correct the path.") from None
    except (ValueError, RecursionError) as error:
        raise JsonFileError(f"{file} is not JSON ({error}): correct the file.") from None
    if not isinstance(data, dict):
        raise JsonFileError(f"{file} does not hold a JSON object: expected the resource itself.")
    return data


def read_library(folder: Path, named: str | Sequence[str]) -> dict[str, Json]:
    """Read resources by reference (``Permission/common``): those of a folder (``*.json``), or of each file.

    Raises:
        JsonFileError: there is no such folder or file, or what it holds is no resource with an id of its own.
    """
    library: dict[str, Json] = {}
    for file in _files_of(folder / named) if isinstance(named, str) else [folder / name for name in named]:
        resource = read_object(file)
        type_, id_ = resource.get("resourceType"), resource.get("id")
        if not (isinstance(type_, str) and type_ and isinstance(id_, str) and id_):
            raise JsonFileError(
                f"{file} has no resourceType or no id: add it, so that it can be referred to."
            )
        if f"{type_}/{id_}" in library:
            raise JsonFileError(f"{file}: {type_}/{id_} is in the library twice: keep one.")
        library[f"{type_}/{id_}"] = resource
    return library


def _files_of(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise JsonFileError(f"{folder} is no folder: give a folder of JSON files, or the list of the files.")
    files = sorted(folder.glob("*.json"))
    if not files:
        raise JsonFileError(f"{folder} holds no *.json: put the resources of the library there.")
    return files


def _members(pairs: list[tuple[str, Any]]) -> Json:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r} is there twice")
    return members


def _constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")
