"""Valid resources to start from, and the one edit that makes a defect of one."""

import copy
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

VALID = {
    path.stem: orjson.loads(path.read_bytes()) for path in sorted(Path(__file__).parent.glob("valid/*.json"))
}
REMOVED = object()
FR_CORE_PACKAGE = Path(__file__).parents[3] / "shared/fhir-packages/hl7.fhir.fr.core-2.2.0.tgz"


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


def fr_core_examples() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the examples of the package of FR Core, read from beside the project."""
    with tarfile.open(FR_CORE_PACKAGE) as tar:
        for member in tar:
            if member.name.startswith("package/example/") and member.name.endswith(".json"):
                example = orjson.loads(tar.extractfile(member).read())
                if not member.name.rpartition("/")[2].startswith("."):
                    yield member.name, example
