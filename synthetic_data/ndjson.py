"""Write the hospital to files: one NDJSON per resource type, and a manifest that lets anyone check them."""

import hashlib
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import orjson

from synthetic_data.clock import stamp
from synthetic_data.hospital import generate
from synthetic_data.plan import HospitalPlan


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was written; `counts` and `sha256` are by resource type, in load order (`<type>.ndjson`)."""

    seed: int
    patients: int
    now: str
    counts: dict[str, int]
    sha256: dict[str, str]


@dataclass(slots=True)
class _File:
    """One NDJSON file being written."""

    stream: IO[bytes]
    digest: Any
    lines: int = 0

    def write(self, line: bytes) -> None:
        self.stream.write(line)
        self.digest.update(line)
        self.lines += 1


def write_ndjson(plan: HospitalPlan, folder: Path) -> Manifest:
    """Write `<type>.ndjson` and `manifest.json` into `folder`, made when absent; older ones are replaced.

    The same plan writes the same bytes. OSError when the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, _File] = {}
    with ExitStack() as opened:
        for resource in generate(plan):
            kind = resource["resourceType"]
            if kind not in files:
                stream = opened.enter_context((folder / f"{kind}.ndjson").open("wb"))
                files[kind] = _File(stream, hashlib.sha256())
            files[kind].write(orjson.dumps(resource, option=orjson.OPT_APPEND_NEWLINE))
    manifest = Manifest(
        seed=plan.seed,
        patients=plan.patients,
        now=stamp(plan.now),
        counts={kind: file.lines for kind, file in files.items()},
        sha256={kind: file.digest.hexdigest() for kind, file in files.items()},
    )
    (folder / "manifest.json").write_bytes(
        orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    )
    return manifest
