"""Write addresses of the server behind as those of the gateway, and back: no answer tells where it stands.

Spec: https://hl7.org/fhir/R4/references.html#absolute
"""

from collections.abc import Sequence
from typing import Any

_ADDRESSES = frozenset({"reference", "url"})


def rebased(value: Any, bases: Sequence[str], to: str) -> Any:
    """Return a resource whose references and addresses below some bases are below another one."""
    if isinstance(value, dict):
        return {name: _address(name, child, bases, to) for name, child in value.items()}
    if isinstance(value, list):
        return [rebased(item, bases, to) for item in value]
    return value


def _address(name: str, value: Any, bases: Sequence[str], to: str) -> Any:
    if isinstance(value, str):
        if name in _ADDRESSES:
            for base in bases:
                if value.startswith(f"{base}/"):
                    return to + value.removeprefix(base)
        return value
    return rebased(value, bases, to)
