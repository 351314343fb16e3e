"""Read the FHIR R5 definitions from the package that HL7 publishes of them.

Spec: https://hl7.org/fhir/R5/downloads.html
"""

import hashlib
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson

from tools.definitions.corrections_r5 import corrected
from tools.definitions.source import Json, Source

PACKAGE = "hl7.fhir.r5.core"
VERSION = "5.0.0"
SHA256 = "09f22107bef64313545a50d2c127d20f81173c499a395672fae089bc23e72fab"
FHIR_VERSION = "5.0.0"
_EXAMPLES = frozenset({"example", "example-constraint", "example-extension", "example-reference", "filter"})
"""Resources of the package that show how one is written, and define nothing."""


def read(archive: Path | None = None) -> Source:
    """Read the package, from ``archive`` or, without one, from npm.

    Raises:
        ValueError: the archive is not the pinned one; its SHA-256 decides.
    """
    if archive is None:
        with tempfile.TemporaryDirectory() as folder:
            command = ["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"]
            subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
            return read(next(Path(folder).glob("*.tgz")))
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != SHA256:
        raise ValueError(f"Expected {PACKAGE} {VERSION} with SHA-256 {SHA256}, got {digest}: update the pin.")
    with tarfile.open(archive) as tar:
        return _index(tuple(_resources(tar)))


def _index(resources: tuple[Json, ...]) -> Source:
    structures = [r for r in resources if r["resourceType"] == "StructureDefinition"]
    return Source(
        origin={"package": PACKAGE, "version": VERSION, "sha256": SHA256, "fhirVersion": FHIR_VERSION},
        # Profiles and extensions of the package are no types.
        structures={r["name"]: r for r in structures if r.get("derivation") != "constraint" or _quantity(r)},
        value_sets={r["url"]: r for r in resources if r["resourceType"] == "ValueSet"},
        code_systems={r["url"]: r for r in resources if r["resourceType"] == "CodeSystem"},
        search_parameters=tuple(
            corrected(r)
            for r in resources
            if r["resourceType"] == "SearchParameter" and r["id"] not in _EXAMPLES
        ),
        compartments={
            r["code"]: r
            for r in resources
            if r["resourceType"] == "CompartmentDefinition" and r["id"] not in _EXAMPLES
        },
    )


def _quantity(structure: Json) -> bool:
    """Tell whether a structure is one of the kinds of Quantity, which elements name as their type."""
    return bool(structure["kind"] == "complex-type" and structure["type"] == "Quantity")


def _resources(tar: tarfile.TarFile) -> Iterator[Json]:
    for member in tar:
        name = member.name.removeprefix("package/")
        file = tar.extractfile(member) if "/" not in name and name.endswith(".json") else None
        resource: Json = orjson.loads(file.read()) if file else {}
        if "resourceType" in resource:
            yield resource
