"""Choose, among the examples that HL7 publishes with R5, a few that hold something for each parameter.

Run it from the root of the repository: ``python -m tools.build_r5_examples``. The same package always gives
the same bytes. What is chosen is only read by tests; ``examples`` gives them all.

Spec: https://hl7.org/fhir/R5/downloads.html
"""

import argparse
import gzip
import hashlib
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson

from lab.fhirserver.storage.catalogue import parameters, served_types
from lab.proof.reference.search.fhirpath import Node, evaluate
from tools.definitions.source import Json

PACKAGE = "hl7.fhir.r5.examples"
VERSION = "5.0.0"
SHA256 = "00106d2479ba1d73a1168543472b730744c157d9c427a686c88c32559afb09e5"
OUTPUT = Path(__file__).parents[1] / "tests/fhirserver/data/r5.examples.json.gz"
_LONGEST = 12_000
"""Bytes of an example that is chosen, unless all of its type are longer."""


def main() -> None:
    """Write the examples that are chosen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", type=Path, help="the package, already downloaded")
    with tempfile.TemporaryDirectory() as folder:
        given = list(examples(parser.parse_args().archive or _fetched(Path(folder))))
    document = {
        "source": {"package": PACKAGE, "version": VERSION, "sha256": SHA256},
        "resources": [one for type_ in served_types("R5") for one in _chosen(type_, given)],
    }
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_bytes(gzip.compress(orjson.dumps(document, option=orjson.OPT_SORT_KEYS), 9, mtime=0))


def examples(archive: Path) -> Iterator[Json]:
    """Yield the examples of the types that a server of R5 has, in the order of their names.

    Raises:
        ValueError: the archive is not the pinned one; its SHA-256 decides.
    """
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != SHA256:
        raise ValueError(f"Expected {PACKAGE} {VERSION} with SHA-256 {SHA256}, got {digest}: update the pin.")
    with tarfile.open(archive) as tar:
        for member in sorted(tar, key=lambda each: each.name):
            name = member.name.removeprefix("package/")
            file = tar.extractfile(member) if "/" not in name and name.endswith(".json") else None
            resource = orjson.loads(file.read()) if file else {}
            if resource.get("resourceType") in served_types("R5"):
                yield resource


def _fetched(folder: Path) -> Path:
    command = ["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return next(folder.glob("*.tgz"))


def _chosen(type_: str, given: list[Json]) -> Iterator[Json]:
    """Yield examples of a type until none would hold something for one more parameter."""
    known = parameters(type_, "R5")
    lengths = {n: len(orjson.dumps(one)) for n, one in enumerate(given) if one["resourceType"] == type_}
    longest = max(_LONGEST, min(lengths.values()))
    left = {
        place: {code for code in known if evaluate(known[code].definition.expression, Node(type_, one))}
        for place, one in enumerate(given)
        if lengths.get(place, longest + 1) <= longest
    }
    while left:
        place = min(left, key=lambda each: (-len(left[each]), lengths[each], each))
        found = left.pop(place)
        if not found:
            return
        yield given[place]
        left = {each: codes - found for each, codes in left.items()}


if __name__ == "__main__":
    main()
