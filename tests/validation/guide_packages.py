"""Small implementation guides, written as packages."""

import io
import tarfile

import orjson

CODE = {"type": [{"code": "code"}]}
CANONICAL = "https://example.org/fhir"
SD = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
PROFILE = f"{CANONICAL}/StructureDefinition/local-patient"
FR_ADDRESS = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-address"
MANIFEST = {
    "name": "example.local",
    "version": "1.0.0",
    "fhirVersions": ["4.0.1"],
    "dependencies": {"hl7.fhir.r4.core": "4.0.1", "hl7.fhir.fr.core": "2.1.0"},
}


def made_element(id_, base_max="1", **given):
    path = ".".join(step.partition(":")[0] for step in id_.split("."))
    given = {"min": 0, "max": base_max} | given
    return {"id": id_, "path": path, "base": {"path": path, "min": 0, "max": base_max}, **given}


def made_profile(*elements, version="1.0.0", **given):
    return {
        "resourceType": "StructureDefinition",
        "url": PROFILE,
        "version": version,
        "kind": "resource",
        "type": "Patient",
        "derivation": "constraint",
        "fhirVersion": "4.0.1",
        "snapshot": {"element": [made_element("Patient", "*"), *elements]},
    } | given


def made_package(tmp_path, *definitions, name="guide.tgz", **files):
    content = {f"{n}.json": definition for n, definition in enumerate(definitions)}
    content |= {"package.json": MANIFEST, **files}
    path = tmp_path / name
    with tarfile.open(path, "w:gz") as tar:
        for file, document in content.items():
            data = document if isinstance(document, bytes) else orjson.dumps(document)
            member = tarfile.TarInfo(f"package/{file}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path
