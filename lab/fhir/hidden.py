"""Whether a change of a resource can be seen through masks: what they hide, said of paths of change.

It says of a path what ``lab.gateway.mask`` does to the element.
"""

from collections.abc import Iterable
from functools import lru_cache
from threading import Lock

from lab.fhir.element_path import ElementPath
from lab.fhir.json_names import json_names
from lab.fhir.patient_reference import IN_CONTACT, SHADOWS

_TAGS = frozenset({"security", "tag"})
_NUMBERED: list[tuple[ElementPath, ...]] = []
_NUMBERS: dict[tuple[ElementPath, ...], int] = {}
_LOCK = Lock()


def hides(masks: Iterable[ElementPath], path: str) -> bool:
    """Tell whether what changed at a path of ``lab.fhir.changed_paths`` is hidden by one of the masks."""
    return _hides(tuple(masks), path)


def numbered(masks: tuple[ElementPath, ...]) -> int:
    """Return a number that stands for the masks as long as this process lives: SQL can carry it."""
    with _LOCK:
        if masks not in _NUMBERS:
            _NUMBERS[masks] = len(_NUMBERED)
            _NUMBERED.append(masks)
        return _NUMBERS[masks]


def hides_numbered(number: int, path: str) -> bool:
    """Tell whether the masks of a number hide the path."""
    return _hides(_NUMBERED[number], path)


@lru_cache(maxsize=65_536)
def _hides(masks: tuple[ElementPath, ...], path: str) -> bool:
    type_, *names = path.split(" ")
    own = [mask for mask in masks if mask.type == type_]
    match names:
        case []:
            return False  # the whole resource
        case ["text", *_]:
            return bool(masks)
        case ["meta", tags, *_] if tags.partition("|")[0] in _TAGS and own:
            return True
    if path.endswith("@patient") and any(mask.type == "Patient" for mask in masks):
        return True
    plain = [name.removesuffix("@patient") for name in names]
    return any(_covers(mask, plain) or _shadows(mask, plain) for mask in own)


def _covers(mask: ElementPath, path: list[str]) -> bool:
    length = len(mask.elements)
    named = [name.partition("|") for name in path[:length]]
    along = json_names(mask)
    if len(named) < length or not all(
        name in names for (name, _, _), names in zip(named, along, strict=True)
    ):
        return False
    # An order among items of several systems is that of what is hidden too.
    return not mask.systems or named[-1][2] in mask.systems or path[length - 1].endswith("|")


def _shadows(mask: ElementPath, names: list[str]) -> bool:
    if mask.type != "Patient" or len(mask.elements) != 1 or mask.systems:
        return False
    (element,) = mask.elements
    holder, _, url = names[0].partition("|")
    if holder in {"extension", "modifierExtension"}:
        return url in SHADOWS.get(element, ()) or names[0].endswith("|")
    if element not in IN_CONTACT or len(names) < 2 or names[0] != "contact":
        return False
    return names[1].partition("|")[0] == element
