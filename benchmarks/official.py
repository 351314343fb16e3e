"""Does HL7's own validation engine say the same of a resource as ours?

The engine and its definitions of R4 come from Maven Central (``official/``, about 150 MB, once); it needs
Java 17, Maven and the network. The sets and the defects are those of ``validation.py``.
"""

import argparse
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from shutil import which

from defects import deep_defects, defects
from validation import EACH, FR_CORE, SEED, Json, fr_core_examples, hl7_examples

from lab.validation.check import check
from lab.validation.official import Opinion, opinions

PROJECT = Path(__file__).with_name("official")
JAR = PROJECT / "target" / "official-1.jar"


def main() -> None:
    """Print one table for each set: valid ones as published, then one defect each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wheel", type=Path, help="the wheel of HL7's examples, already downloaded")
    parser.add_argument("--most", type=int, default=600, help="defects of a set, drawn at random")
    asked = parser.parse_args()
    if not JAR.exists():
        subprocess.run([which("mvn") or "mvn", "-q", "-B", "package"], cwd=PROJECT, check=True)
    sets = {"R4B examples of HL7": hl7_examples(asked.wheel)}
    if FR_CORE.exists():
        sets["examples of FR Core"] = fr_core_examples()
    for name, published in sets.items():
        chance = random.Random(SEED)  # noqa: S311 - a sample
        # The engine is given R4 alone: what profiles ask is not compared.
        examples = [_unprofiled(one) for one in published]
        made = [d for one in examples for d in (*defects(one, EACH, chance), *deep_defects(one))]
        drawn = chance.sample(made, min(asked.most, len(made)))
        compared(f"{name}, as published", examples, ["as published"] * len(examples))
        compared(f"{name}, one defect each", [d.resource for d in drawn], [d.kind for d in drawn])


def compared(name: str, resources: list[Json], kinds: Iterable[str]) -> None:
    """Print how often both engines agree, and on what they do not."""
    began = time.perf_counter()
    official = opinions(JAR, resources)
    theirs_s = time.perf_counter() - began
    began = time.perf_counter()
    ours = [check(one).errors for one in resources]
    ours_s = time.perf_counter() - began
    agreed: Counter[tuple[bool, bool]] = Counter()
    only: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for resource, kind, mine, other in zip(resources, kinds, ours, official, strict=True):
        agreed[bool(mine), bool(other)] += 1
        if bool(mine) != bool(other):
            said = f"{mine[0].path} ({mine[0].rule})" if mine else _said(other)
            only[bool(mine)][f"{kind}: {resource['resourceType']}: {said}"] += 1
    print(f"\n{name}: {len(resources)} resources, {ours_s:.1f} s here, {theirs_s:.1f} s there")
    print(f"  both find an error {agreed[True, True]}, neither {agreed[False, False]}")
    for mine, who in ((True, "only here"), (False, "only there")):
        print(f"  {who}: {agreed[mine, not mine]}")
        for said, count in only[mine].most_common(25):
            print(f"    {count} {said}")


def _unprofiled(resource: Json) -> Json:
    meta = {name: value for name, value in resource.get("meta", {}).items() if name != "profile"}
    return {**resource, "meta": meta} if meta else {n: v for n, v in resource.items() if n != "meta"}


def _said(found: tuple[Opinion, ...]) -> str:
    return f"{found[0].path} ({found[0].key})"


if __name__ == "__main__":
    main()
