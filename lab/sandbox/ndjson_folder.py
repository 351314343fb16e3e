"""The resources of NDJSON files that no manifest describes: ``Patient.ndjson``, ``Group.cohorts.ndjson``.

Each is checked by the rules of its release before it is stored: nobody has vouched for them.
Spec: https://hl7.org/fhir/R5/nd-json.html
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from lab.fhirserver.storage.catalogue import served_types
from lab.model.release import Release
from lab.sandbox.plan import PlanError
from lab.validation.fast import defects

_SUFFIX = ".ndjson"


def resources_in(folder: Path, release: Release, types: frozenset[str]) -> Iterator[dict[str, Any]]:
    """Yield the resources of a folder, all or those of some types, file after file in the order of names.

    Raises:
        PlanError: there is no file, or a line is no valid resource of the release; it says which.
    """
    files = sorted(folder.glob(f"*{_SUFFIX}")) if folder.is_dir() else []
    if not files:
        raise PlanError(
            f"{folder} holds no {_SUFFIX} file: give one with files named by type, such as Patient{_SUFFIX}."
        )
    served = frozenset(served_types(release))
    for file in files:
        if not types or file.name.partition(".")[0] in types:
            with file.open("rb") as lines:
                for number, line in enumerate(lines, start=1):
                    if line.strip():
                        yield _resource(line, f"Line {number} of {file.name}", release, served)


def _resource(line: bytes, where: str, release: Release, served: frozenset[str]) -> dict[str, Any]:
    try:
        resource = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise PlanError(f"{where} is no JSON ({error}): write one resource on each line.") from None
    type_ = resource.get("resourceType") if isinstance(resource, dict) else None
    if type_ not in served or not isinstance(resource.get("id"), str):
        raise PlanError(f"{where} is no resource of FHIR {release} with an id that is served: remove it.")
    # What the definitions at hand do not cover, a contained ValueSet say, is not wrong.
    if found := [one for one in defects(resource, release) if one.rule != "uncovered-type"]:
        raise PlanError(
            f"{where} is not valid FHIR {release} ({found[0].path}: {found[0].rule}): correct it."
        )
    return dict(resource)
