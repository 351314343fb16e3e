"""What a restricted identity must never be given of some patients: the values that only masked elements hold.

A value that a record also shows where nothing is masked (a day that is a birth date here, a date of an
identity check there) proves nothing when it is seen: it is left out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lab.fhir.element_path import ElementPath
from lab.load.verify import holds

_LEAST = 6
"""Characters: a shorter value is found everywhere."""
_NO_VALUES = frozenset({"use", "system", "url", "type", "country", "extension"})
"""What nobody wrote about a patient: codes, and addresses of systems."""
_REPEATING = frozenset({"text", "display"})
"""What repeats masked values for people to read, and goes with them."""


def hidden_values(patients: Iterable[Mapping[str, Any]], masked: Sequence[ElementPath]) -> tuple[str, ...]:
    """Return the values of the masked elements of whole Patient resources, sorted, each long enough."""
    own = [path for path in masked if path.type == "Patient"]
    hidden: set[str] = set()
    shown: list[str] = []
    for patient in patients if own else ():
        for value, is_masked in _values(patient, own, ()):
            if is_masked:
                hidden.add(value)
            else:
                shown.append(value)
    seen = "\n".join(shown).encode()
    return tuple(sorted(value for value in hidden if len(value) >= _LEAST and not holds(seen, (value,))))


def _values(node: Any, masked: Sequence[ElementPath], at: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    """Yield every string that is shown, and every value that is masked."""
    if isinstance(node, list):
        for item in node:
            yield from _values(item, masked, at)
    elif any(path.elements == at and _is_of(node, path.systems) for path in masked):
        yield from ((value, True) for value in _strings(node))
    elif isinstance(node, str):
        yield node, False
    elif isinstance(node, dict):
        for name, value in node.items():
            if name not in _REPEATING:
                yield from _values(value, masked, (*at, name))


def _is_of(node: Any, systems: frozenset[str]) -> bool:
    return not systems or (isinstance(node, dict) and node.get("system") in systems)


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for item in node:
            yield from _strings(item)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name not in _NO_VALUES:
                yield from _strings(value)
