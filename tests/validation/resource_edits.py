"""Valid resources to start from, and the one edit that makes a defect of one."""

import copy
import re
from pathlib import Path
from typing import Any

import orjson

VALID = {
    path.stem: orjson.loads(path.read_bytes()) for path in sorted(Path(__file__).parent.glob("valid/*.json"))
}
REMOVED = object()


def edited(name: str, path: str, value: Any = REMOVED) -> dict[str, Any]:
    """Return a copy of a valid resource with the place (``name[0].family``) set to a value, or removed."""
    resource: dict[str, Any] = copy.deepcopy(VALID[name])
    *steps, last = [int(s) if s.isdigit() else s for s in re.findall(r"\w+", path)]
    place: Any = resource
    for step in steps:
        place = place[step]
    if value is REMOVED:
        del place[last]
    else:
        place[last] = value
    return resource
