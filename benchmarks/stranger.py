"""The embedded server next to sekmet-fhir, another FHIR server of PyPI, on the same data: CPU per request.

Both get the same core of a small hospital (11,000 resources, no security on either side), by the same
batches of updates over HTTP; ours also by its bulk loader, which sekmet has no equal of. Then `wrk` (Debian)
sends the same bursts to one after the other. CPU is that of the server's process around each burst.

Usage: stranger.py PYTHON, the interpreter of an environment with sekmet-fhir 0.1.1.
"""

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import zstandard
from measuring import machine, print_table, run_lab
from server import Arm, burst, check, cpu, requests

from lab.fhirserver.cluster import cluster
from lab.sandbox.seed import from_folder

CORE = ("Patient", "Encounter", "Encounter.movements", "ImagingStudy", "Observation.laboratory")
SCALE = "0.00118"
BATCH = 100
GOALS = {"read": 10, "patient + code": 50, "patient + _include": 100}
"""How many times less CPU than sekmet."""
INGEST = 30
_SETTINGS = """\
host: 127.0.0.1
port: {port}
base_url: http://127.0.0.1:{port}/fhir
log_inbound: false
simulator: {{enabled: false}}
"""
_PATIENCE_S = 60.0


def main() -> int:
    """Generate, fill both, measure, print; exit 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    print(f"Begun {machine()}", flush=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        data = folder / "data"
        run_lab("data", "generate", "--out", data, "--scale", SCALE)
        batches = list(_batches(data))
        count = sum(len(batch) for batch in batches)
        began = time.process_time()
        loaded = from_folder(folder / "loaded.db", data, frozenset(CORE), lambda _: None)
        bulk = (time.process_time() - began) / loaded * 1e6
        ours = stack.enter_context(cluster(folder / "ours.db"))
        theirs = stack.enter_context(_sekmet(given.python, folder))
        ports = {"ours": (urlsplit(ours.base_url).port or 0, ours.processes[0].pid), "sekmet": theirs}
        ingest = {name: _ingested(port, pid, batches) / count * 1e6 for name, (port, pid) in ports.items()}
        print(f"{count:,} resources on both sides, {loaded:,} by the bulk loader", flush=True)
        kinds = {name: paths for name, paths in requests(folder / "loaded.db").items() if name in GOALS}
        arms = [Arm(name, size, *ports[size], paths) for name, paths in kinds.items() for size in ports]
        for arm in arms:
            check(arm)
        for turn in range(given.rounds + 1):
            for arm in arms if turn % 2 else reversed(arms):
                burst(arm, folder, kept=turn > 0)
    print(f"Ended {machine()}\n")
    return 0 if _told(arms, ingest, bulk) else 1


def _batches(data: Path) -> Iterator[list[dict[str, object]]]:
    """Yield the core as lists of entries of a batch, in the order of the files."""
    for name in CORE:
        path = data / f"{name}.ndjson.zst"
        with path.open("rb") as file:
            packed = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
            content = packed.read()
        resources = [json.loads(line) for line in content.splitlines()]
        for first in range(0, len(resources), BATCH):
            yield [
                {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
                for one in resources[first : first + BATCH]
            ]


@contextmanager
def _sekmet(python: Path, folder: Path) -> Iterator[tuple[int, int]]:
    """Run sekmet on a port of its own; yield the port and the process."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = folder / "sekmet.yaml"
    settings.write_text(_SETTINGS.format(port=port))
    command = [python.absolute().parent / "sekmet", "serve", "--config", settings, "--host", "127.0.0.1"]
    with (folder / "sekmet.log").open("wb") as log:
        process = subprocess.Popen([*command, "--port", str(port)], cwd=folder, stdout=log, stderr=log)
    try:
        end = time.monotonic() + _PATIENCE_S
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.2)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def _ingested(port: int, process: int, batches: list[list[dict[str, object]]]) -> float:
    """Send every batch, and return the CPU-seconds that the server took."""
    connection, before = http.client.HTTPConnection("127.0.0.1", port, timeout=300), cpu(process)
    for entries in batches:
        body = json.dumps({"resourceType": "Bundle", "type": "batch", "entry": entries})
        connection.request("POST", "/fhir", body, {"content-type": "application/fhir+json"})
        answer = connection.getresponse()
        said = json.loads(answer.read())
        failed = [e for e in said.get("entry", ()) if not e["response"]["status"].startswith("2")]
        if answer.status != 200 or failed:
            raise SystemExit(f"A batch got {answer.status}: {json.dumps(failed or said)[:300]}")
    connection.close()
    return cpu(process) - before


def _told(arms: list[Arm], ingest: dict[str, float], bulk: float) -> bool:
    rows, met = [], True
    for ours, theirs in zip(arms[::2], arms[1::2], strict=True):
        ratio = statistics.median(t / o for o, t in zip(ours.microseconds, theirs.microseconds, strict=True))
        met &= ratio >= GOALS[ours.name]
        own, other = (statistics.median(arm.microseconds) for arm in (ours, theirs))
        rows.append((ours.name, f"{own:,.0f}", f"{other:,.0f}", f"{ratio:.1f}", f">= {GOALS[ours.name]}"))
    for name, own in (("ingest, batches over HTTP", ingest["ours"]), ("ingest, our bulk loader", bulk)):
        ratio = ingest["sekmet"] / own
        rows.append((name, f"{own:,.0f}", f"{ingest['sekmet']:,.0f}", f"{ratio:.1f}", f">= {INGEST}"))
    met &= ingest["sekmet"] / bulk >= INGEST
    print_table(("request", "ours, CPU us", "sekmet", "times", "goal"), rows)
    return met


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(main())
