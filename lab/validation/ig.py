"""Read FHIR implementation guides from their packages, without unpacking anything to disk.

Spec: https://confluence.hl7.org/display/FHIR/NPM+Package+Specification
"""

import hashlib
import io
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from lab.model.text import Text

Json = dict[str, Any]

_FHIR_RELEASE = "4.0"
_DEFINITIONS = frozenset({"CodeSystem", "StructureDefinition", "ValueSet"})
# A package is a file that somebody sends: what it may cost is bounded. The largest known ones (THO, R4 core)
# stay far below.
_MAX_PACKAGE = 200 * 2**20
_MAX_FILE = 100 * 2**20
_MAX_UNPACKED = 2**30
_MAX_FILES = 50_000


class IgError(Exception):
    """A package that cannot be read; ``text`` says what was expected, what was seen and what to do."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True)
class Dependency:
    """A package that another one needs."""

    name: str
    version: str
    needed_by: str


@dataclass(frozen=True)
class Package:
    """An implementation guide; ``definitions`` are its StructureDefinitions, ValueSets and CodeSystems."""

    name: str
    version: str
    sha256: str
    dependencies: Mapping[str, str]
    definitions: tuple[Json, ...]

    @property
    def title(self) -> str:
        """Return ``name#version``, as packages are cited."""
        return f"{self.name}#{self.version}"


@dataclass(frozen=True)
class Library:
    """Packages side by side, several versions of one included.

    A definition is found as ``url|version``, and as ``url`` in the package that was loaded last.
    """

    packages: tuple[Package, ...] = ()

    @cached_property
    def structures(self) -> Mapping[str, Json]:
        """StructureDefinitions by canonical."""
        return self._indexed("StructureDefinition")

    @cached_property
    def value_sets(self) -> Mapping[str, Json]:
        """ValueSets by canonical."""
        return self._indexed("ValueSet")

    @cached_property
    def code_systems(self) -> Mapping[str, Json]:
        """CodeSystems by canonical."""
        return self._indexed("CodeSystem")

    def missing(self, shipped: Iterable[tuple[str, str]] = ()) -> tuple[Dependency, ...]:
        """Return the packages that the loaded ones need and that are neither loaded nor shipped."""
        loaded = {(package.name, package.version) for package in self.packages} | set(shipped)
        return tuple(
            Dependency(name, version, package.title)
            for package in self.packages
            for name, version in sorted(package.dependencies.items())
            if (name, version) not in loaded
        )

    def _indexed(self, type_: str) -> dict[str, Json]:
        index: dict[str, Json] = {}
        for package in self.packages:
            for definition in package.definitions:
                if definition["resourceType"] == type_:
                    index[definition["url"]] = definition
                    index[f"{definition['url']}|{definition.get('version', package.version)}"] = definition
        return index


def load(path: Path) -> Package:
    """Read a package (``.tgz``).

    Raises:
        IgError: it is not there, too large, damaged, not a package or not one for FHIR R4.
    """
    try:
        size = path.stat().st_size
        if size > _MAX_PACKAGE:
            raise _refused(path, f"un fichier de {size} octets", f"a file of {size} bytes")
        data = path.read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise _refused(path, f"aucun fichier lisible ({why})", f"no readable file ({why})") from error
    try:
        files = dict(_files(path, data))
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise _refused(path, "une archive abîmée ou incomplète", "a damaged or cut archive") from error
    return _package(path, files, hashlib.sha256(data).hexdigest())


def _files(path: Path, data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the JSON files of the folder ``package``; the examples in its subfolders are not definitions."""
    unpacked = 0
    with tarfile.open(fileobj=io.BytesIO(data), mode="r|gz") as tar:
        for number, member in enumerate(tar):
            unpacked += member.size
            if number >= _MAX_FILES or member.size > _MAX_FILE or unpacked > _MAX_UNPACKED:
                raise _refused(path, "un contenu démesuré", "content out of all proportion")
            folder, _, name = member.name.removeprefix("./").rpartition("/")
            if folder == "package" and name.endswith(".json") and member.isreg():
                content = tar.extractfile(member)
                yield name, content.read() if content else b""


def _package(path: Path, files: Mapping[str, bytes], digest: str) -> Package:
    if "package.json" not in files:
        raise _refused(path, "pas de fichier package/package.json", "no file package/package.json")
    described = _object(path, "package.json", files["package.json"])
    name, version = described.get("name"), described.get("version")
    dependencies = described.get("dependencies", {})
    if not (isinstance(name, str) and isinstance(version, str) and isinstance(dependencies, dict)):
        raise _refused(path, "un package.json sans nom ni version", "a package.json without name or version")
    releases = described.get("fhirVersions") or described.get("fhir-version-list") or []
    if releases and not any(str(release).startswith(_FHIR_RELEASE) for release in releases):
        seen = ", ".join(map(str, releases))
        raise _refused(path, f"un guide pour FHIR {seen}", f"a guide for FHIR {seen}")
    return Package(
        name=name,
        version=version,
        sha256=digest,
        dependencies={str(key): str(value) for key, value in dependencies.items()},
        definitions=tuple(_definitions(path, files)),
    )


def _definitions(path: Path, files: Mapping[str, bytes]) -> Iterator[Json]:
    for name in sorted(files.keys() - {"package.json"}):
        if name.startswith("."):  # indexes
            continue
        definition = _object(path, name, files[name])
        if definition.get("resourceType") in _DEFINITIONS and isinstance(definition.get("url"), str):
            yield definition


def _object(path: Path, name: str, data: bytes) -> Json:
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _refused(path, f"{name} n'est pas du JSON", f"{name} is not JSON") from error
    if not isinstance(document, dict):
        raise _refused(path, f"{name} n'est pas un objet JSON", f"{name} is not a JSON object")
    return document


def _refused(path: Path, fr: str, en: str) -> IgError:
    return IgError(
        Text(
            fr=f"{path.name} : attendu un package FHIR R4 (.tgz), trouvé {fr} ; "
            "téléchargez de nouveau package.tgz depuis la page du guide, édition R4.",
            en=f"{path.name}: expected a FHIR R4 package (.tgz), found {en}; "
            "download package.tgz again from the page of the guide, R4 edition.",
        )
    )
