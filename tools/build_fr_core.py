"""Compile the profiles of FR Core that the laboratory ships, from the package that HL7 France publishes.

Run it from the root of the repository, with npm at hand: ``python -m tools.build_fr_core``. The same
packages always give the same bytes. FR Core is under CC0-1.0.

Spec: https://hl7.fr/ig/fhir/core/2.2.0
"""

import argparse
import gzip
from pathlib import Path

import orjson

from lab.validation.ig import Library, load
from lab.validation.overlay import packed
from lab.validation.profiles import Terminology, compile_profiles
from tools.definitions import source

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT.parent / "shared/fhir-packages/hl7.fhir.fr.core-2.2.0.tgz"
SHA256 = "085e61bf579829a6d5520c6f388d763d27ba400f9f6ca548bc88da5545ba13f9"
ARTEFACT = ROOT / "lab/validation/data/fr-core-2.2.0.json.gz"


def build(package: Path, r4_archive: Path | None) -> bytes:
    """Return the artefact.

    Raises:
        ValueError: the package is not the pinned one; its SHA-256 decides.
    """
    guide = load(package)
    if guide.sha256 != SHA256:
        raise ValueError(
            f"Expected {PACKAGE.name} with SHA-256 {SHA256}, got {guide.sha256}: update the pin."
        )
    r4 = source.read(r4_archive)
    terminology = Terminology(r4.value_sets, r4.code_systems)
    document = {
        "source": {
            "package": guide.name,
            "version": guide.version,
            "sha256": guide.sha256,
            "licence": "CC0-1.0",
            "publisher": "Interop'Santé (HL7 France)",
            "fhirVersion": source.FHIR_VERSION,
            "terminology": dict(r4.origin),
        },
        "profiles": packed(compile_profiles(Library((guide,)), terminology=terminology)),
    }
    data = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    return gzip.compress(data, compresslevel=9, mtime=0)


def main() -> None:
    """Write the artefact into the package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", type=Path, default=PACKAGE, help="the package of FR Core")
    parser.add_argument("--archive", type=Path, help="the package of the R4 definitions, already downloaded")
    arguments = parser.parse_args()
    ARTEFACT.write_bytes(build(arguments.package, arguments.archive))
    print(f"{ARTEFACT.relative_to(ROOT)}: {ARTEFACT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
