"""CPU per request of the embedded server, next to a bare ASGI answer, bursts alternated in one run.

Every arm runs at once, one process each; `wrk` (Debian) sends two-second bursts to one after another. CPU is
that of the server's process, read around each burst. With two stores, the growth from one to the other is
printed too: cost per request, and median latency of one client of each that asks in turn.
"""

import argparse
import http.client
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from measuring import machine, print_table

from lab.fhirserver.cluster import cluster

URLS = 2000
GOALS = {"read": 0.65, "patient search of 20": 0.25}
"""Requests per CPU-second, as a share of the bare answer."""
GROWTH = 1.2
DEEP = "page 20 of a code"
_TICKS = os.sysconf("SC_CLK_TCK")
_HELLO = """
import asyncio, uvicorn
from lab.fhirserver.listening import bind, settings
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})
s = bind("127.0.0.1", 0)  # as the server itself listens: without TCP_NODELAY the yardstick would be too short
print(s.getsockname()[1], flush=True)
asyncio.run(uvicorn.Server(settings(app)).serve(sockets=[s]))
"""
_LUA = """
local paths = {}
for line in io.lines("%s") do paths[#paths + 1] = line end
local n = 0
request = function() n = n %% #paths + 1; return wrk.format("GET", paths[n]) end
"""


@dataclass
class Arm:
    """One server and one kind of request; ``microseconds`` per request, one number for each round."""

    name: str
    size: str
    port: int
    process: int
    paths: list[str]
    microseconds: list[float] = field(default_factory=list)


def main() -> int:
    """Start, check, measure, print; exit 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stores", nargs="+", type=Path, help="stores made by `lab server up --store`")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    print(f"Begun {machine()}")
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        arms = [_hello(stack)]
        for store in given.stores:
            began = time.monotonic()
            running = stack.enter_context(cluster(store))
            print(
                f"{store.name}: ready in {time.monotonic() - began:.2f} s,"
                f" {store.stat().st_size / 1e9:.2f} GB"
            )
            port = urlsplit(running.base_url).port or 0
            arms += [
                Arm(name, store.stem, port, running.processes[0].pid, paths)
                for name, paths in requests(store).items()
            ]
        for arm in arms:
            check(arm)
        for turn in range(given.rounds + 1):
            for arm in arms if turn % 2 else reversed(arms):
                burst(arm, Path(folder), kept=turn > 0)
        latencies = _in_turn(arms[1:]) if len(given.stores) > 1 else {}
    print(f"Ended {machine()}\n")
    return 0 if _told(arms, latencies) else 1


def _hello(stack: ExitStack) -> Arm:
    process = subprocess.Popen([sys.executable, "-c", _HELLO], stdout=subprocess.PIPE)
    stack.callback(process.kill)
    port = process.stdout.readline() if process.stdout else b""
    return Arm("bare answer", "", int(port), process.pid, ["/"] * 10)


def requests(store: Path) -> dict[str, list[str]]:
    """Draw requests from what the store holds."""
    from lab.fhirserver.storage.type_numbers import number  # noqa: PLC0415

    chance = random.Random(1)  # noqa: S311 - requests, not secrets
    read = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    observation, patient = number("Observation"), number("Patient")
    drawn: list[tuple[str, str, str, int]] = []
    last = read.execute("select max(k) from resource").fetchone()[0]
    while len(drawn) < URLS:
        drawn += read.execute(
            "select r.id, p.id, (select t.code from token t where t.n = r.token3 limit 1), r.low"
            " from resource r join resource p on p.k = r.reference1 and p.type = ?"
            " where r.type = ? and r.low is not null and r.k = ?",
            (patient, observation, chance.randint(1, last)),
        ).fetchall()
    days = [time.strftime("%Y-%m-%d", time.gmtime(low / 1000)) for *_, low in drawn]
    return {
        "read": [f"/fhir/Observation/{id_}" for id_, *_ in drawn],
        "patient search of 20": [f"/fhir/Observation?patient={of}&_count=20" for _, of, *_ in drawn],
        "patient + code": [
            f"/fhir/Observation?patient={of}&code={code}&_count=20" for _, of, code, _ in drawn
        ],
        "code + date": [
            f"/fhir/Observation?code={code}&date=ge{day}&_count=20"
            for (_, _, code, _), day in zip(drawn, days, strict=True)
        ],
        "patient + _include": [
            f"/fhir/Observation?patient={of}&_include=Observation:encounter&_count=20" for _, of, *_ in drawn
        ],
        DEEP: [f"/fhir/Observation?code={code}&_count=20" for _, _, code, _ in drawn[:200]],
    }


def _get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def check(arm: Arm) -> None:
    """Ask each kind of request a few times before timing it; go from first pages to deep ones."""
    if arm.name == DEEP:
        arm.paths = [_deep(arm.port, path) for path in arm.paths]
    for path in arm.paths[:20]:
        status, body = _get(arm.port, path)
        found = arm.size == "" or "entry" in json.loads(body) or '"id"' in body.decode()
        if status != 200 or not found:
            raise SystemExit(f"{arm.name}: {path} got {status}")


def _deep(port: int, path: str) -> str:
    for _ in range(19):
        links = {link["relation"]: link["url"] for link in json.loads(_get(port, path)[1])["link"]}
        if "next" not in links:
            break
        path = urlsplit(links["next"]).path + "?" + urlsplit(links["next"]).query
    return path


def burst(arm: Arm, folder: Path, *, kept: bool) -> None:
    """Send requests for two seconds; ``kept`` notes what each cost."""
    paths, script = folder / "paths.txt", folder / "requests.lua"
    paths.write_text("\n".join(arm.paths))
    script.write_text(_LUA % paths)
    before = cpu(arm.process)
    command = ["wrk", "-t1", "-c8", "-d2s", "-s", str(script), f"http://127.0.0.1:{arm.port}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    spent = cpu(arm.process) - before
    if "Non-2xx" in said:
        raise SystemExit(f"{arm.name} of {arm.size}: answers that are no 200 are not timed\n{said}")
    count = int(next(line.split()[0] for line in said.splitlines() if "requests in" in line))
    if kept:
        arm.microseconds.append(spent / count * 1e6)


def cpu(process: int) -> float:
    """Return the CPU-seconds of a process so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _in_turn(arms: list[Arm]) -> dict[tuple[str, str], float]:
    """Return the median latency in milliseconds, the sizes of one kind of request asked in turn."""
    found: dict[tuple[str, str], list[float]] = {}
    connections = {arm.port: http.client.HTTPConnection("127.0.0.1", arm.port, timeout=60) for arm in arms}
    for n in range(600):
        for arm in arms:
            began = time.perf_counter()
            connections[arm.port].request("GET", arm.paths[n % len(arm.paths)])
            connections[arm.port].getresponse().read()
            found.setdefault((arm.name, arm.size), []).append(time.perf_counter() - began)
    return {key: statistics.median(each) * 1000 for key, each in found.items()}


def _told(arms: list[Arm], latencies: dict[tuple[str, str], float]) -> bool:
    hello = arms[0].microseconds
    rows, met = [], True
    for arm in arms:
        share = statistics.median(h / m for h, m in zip(hello, arm.microseconds, strict=True))
        goal = GOALS.get(arm.name)
        met &= goal is None or share >= goal
        rows.append(
            (
                arm.name,
                arm.size,
                f"{statistics.median(arm.microseconds):.0f} ({min(arm.microseconds):.0f})",
                f"{share:.2f}",
                f">= {goal}" if goal else "",
            )
        )
    print_table(("request", "store", "CPU us, median (least)", "of bare answer", "goal"), rows)
    sizes = sorted({size for _, size in latencies}, key=[arm.size for arm in arms].index)
    rows = []
    for name in dict.fromkeys(name for name, _ in latencies):
        small, large = (latencies[name, size] for size in (sizes[0], sizes[-1]))
        met &= large / small <= GROWTH
        rows.append((name, f"{small:.2f}", f"{large:.2f}", f"{large / small:.2f}", f"<= {GROWTH}"))
    if rows:
        print()
        print_table(("median latency, ms", sizes[0], sizes[-1], "growth", "goal"), rows)
    return met


if __name__ == "__main__":
    sys.exit(main())
