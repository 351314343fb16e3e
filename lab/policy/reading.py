"""Read what a policy is judged by from files: JSON resources, and a folder of those that it refers to."""

import json
from pathlib import Path
from typing import Any

from lab.model.text import Text

Json = dict[str, Any]


class PolicyFileError(ValueError):
    """A file that cannot be read as what it should be; ``text`` says it to people."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


def read_resource(path: Path) -> Json:
    """Read one JSON resource.

    Raises:
        PolicyFileError: it cannot be read, or is no JSON object.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_members)
    except OSError as error:
        why = error.strerror or "?"
        raise PolicyFileError(
            Text(
                f"{path} : illisible ({why}). Donnez un fichier.",
                f"{path}: cannot be read ({why}). Give a file.",
            )
        ) from None
    except (ValueError, RecursionError) as error:
        raise PolicyFileError(
            Text(
                f"{path} : n'est pas du JSON ({error}). Corrigez.",
                f"{path}: is not JSON ({error}). Correct it.",
            )
        ) from None
    if not isinstance(found, dict):
        raise PolicyFileError(
            Text(f"{path} : attendu un objet JSON.", f"{path}: expected a JSON object, the resource itself.")
        )
    return found


def _members(pairs: list[tuple[str, Any]]) -> Json:
    """Return the members of an object; of two of one name, a reader would ignore one.

    Raises:
        ValueError: two have the same name.
    """
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} is there twice")
    return members


def read_library(folder: Path) -> dict[str, Json]:
    """Read the resources of a folder (``*.json``), by reference.

    Raises:
        PolicyFileError: it is no folder, a file is no resource, or two have the same reference.
    """
    if not folder.is_dir():
        raise PolicyFileError(Text(f"{folder} n'est pas un dossier.", f"{folder} is no folder: give one."))
    library: dict[str, Json] = {}
    for path in sorted(folder.glob("*.json")):
        resource = read_resource(path)
        reference = f"{resource.get('resourceType')}/{resource.get('id')}"
        if "None" in reference.split("/"):
            raise PolicyFileError(
                Text(
                    f"{path} : il manque resourceType ou id.",
                    f"{path}: resourceType or id is missing: add it.",
                )
            )
        if reference in library:
            raise PolicyFileError(
                Text(
                    f"{path} : {reference} existe deux fois.",
                    f"{path}: {reference} is there twice: keep one.",
                )
            )
        library[reference] = resource
    return library


def client_of(permission: Json) -> str:
    """Return the application that a Permission names first as actor; empty when it names none."""
    rules = permission.get("rule")
    for rule in rules if isinstance(rules, list) else ():
        for actor in _each(_each([rule], "activity"), "actor"):
            reference = actor.get("reference")
            named = reference.get("reference") if isinstance(reference, dict) else reference
            if isinstance(named, str) and named.startswith("Device/"):
                return named.removeprefix("Device/")
    return ""


def _each(nodes: list[Any], name: str) -> list[Json]:
    lists = [node.get(name) for node in nodes if isinstance(node, dict)]
    return [one for found in lists if isinstance(found, list) for one in found if isinstance(one, dict)]
