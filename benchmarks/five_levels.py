"""What five levels cost: CPU per request of the gateway next to the server alone, on the same store.

Every server runs at once, one process each; `wrk` (Debian) sends bursts to one arm after another, each round
anew, and CPU is that of the server's process around each burst. A ratio is taken round by round against its
yardstick, then its median. The gateway runs twice: "levels" decides, narrows and masks; "traced" also writes
journal and audit, as it always does in service. The audit index is a process of its own and is left out.
"""

import argparse
import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from five_levels_servers import Server, filled, patients_of, servers_of, token_of
from loading import CORE
from measuring import machine, print_table
from server import requests

_TICKS = os.sysconf("SC_CLK_TCK")
_LUA = """
local paths = {}
for line in io.lines("%s") do paths[#paths + 1] = line end
local n = 0
local sent = {["Authorization"] = "Bearer %s"}
request = function() n = n %% #paths + 1; return wrk.format("GET", paths[n], sent) end
"""


@dataclass
class Arm:
    """One kind of request of one client to one server, next to ``yardstick``; one figure a round."""

    name: str
    server: Server
    client: str
    paths: Sequence[str]
    yardstick: "Arm | None" = None
    goal: float | None = None
    status: int = 200
    microseconds: list[float] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    p95: float | None = None

    @property
    def ratio(self) -> float:
        """Return the median of the rounds; of a bare answer, requests per CPU-second are compared."""
        assert self.yardstick is not None  # noqa: S101 - asked of those that have one
        pairs = zip(self.microseconds, self.yardstick.microseconds, strict=True)
        return statistics.median(own / other for own, other in pairs)


def main() -> int:
    """Fill a store, start the servers, measure, print; exit 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="", help="a folder of `lab data generate`, in place of 80 thousand")
    parser.add_argument("--types", default=CORE, help="those of the folder to load")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    print(f"Begun {machine()}", flush=True)
    with ExitStack() as stack, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = folder / "hospital.db"
        count, cohorts = filled(store, given.data, given.types)
        print(
            f"{count:,} resources; cohorts of {', '.join(str(len(c)) for c in cohorts.values())}", flush=True
        )
        servers = servers_of(stack, folder, store)
        arms = _arms(servers, store, cohorts)
        for turn in range(given.rounds + 1):
            tokens = _tokens(servers, arms)
            for arm in arms if turn % 2 else reversed(arms):
                _burst(arm, tokens.get((arm.server.name, arm.client), ""), folder, kept=turn > 0)
        for arm in arms:
            if arm.status != 200 and arm.yardstick:
                _in_turn(arm, arm.yardstick, _tokens(servers, arms))
    print(f"Ended {machine()}\n")
    return 0 if _told(arms) else 1


def _arms(servers: dict[str, Server], store: Path, cohorts: dict[str, list[str]]) -> list[Arm]:
    asked = requests(store)
    patients = patients_of(store)
    inside = [f"/fhir/Patient/{id_}" for id_ in cohorts["one-percent"]]
    members = set(cohorts["one-percent"])
    outside = [f"/fhir/Patient/{id_}" for id_ in patients if id_ not in members][:2000]
    reads, searches = [f"/fhir/Patient/{id_}" for id_ in patients[:2000]], asked["patient search of 20"]
    hello = Arm("bare answer", servers["hello"], "", ["/"])
    read, search = (
        Arm(name, servers["none"], "", paths) for name, paths in (("read", reads), ("search of 20", searches))
    )
    arms = [hello, read, search]
    known: dict[tuple[str, str, str], Arm] = {}
    for server in (servers["levels"], servers["traced"]):
        for alone, goals in ((read, (1.10, 1.25, 1.15)), (search, (1.10, 1.35, 1.20))):
            for client, goal in zip(("whole", "partly", "fully"), goals, strict=True):
                one = Arm(alone.name, server, client, alone.paths, alone, goal)
                known[server.name, client, alone.name] = one
        bare = Arm("read, next to bare", server, "fully", reads, hello, 1 / 0.55)
        dated = Arm("code + date", server, "whole", asked["code + date"])
        arms += [bare, dated]
        for name, goal in (("one-percent", 20.0), ("fifty", 20.0), ("empty", 20.0)):
            arms.append(Arm("code + date", server, name, dated.paths, dated, goal))
        allowed = known[server.name, "whole", "read"]
        arms.append(Arm("level 3 refuses", server, "whole", ["/fhir/Encounter/1"], allowed, 1.2, 403))
        within = Arm("read inside a cohort", server, "one-percent", inside)
        arms += [within, Arm("level 4 refuses", server, "one-percent", outside, within, 1.2, 404)]
        masked = [f"{path}&encounter=Encounter/1" for path in searches]
        allowed = known[server.name, "partly", "search of 20"]
        arms.append(Arm("level 5 refuses", server, "partly", masked, allowed, 1.2, 400))
    arms += known.values()
    names = [arm.name for arm in arms]
    return sorted(arms, key=lambda arm: names.index(arm.name))  # a burst comes soon after its yardstick's


def _tokens(servers: dict[str, Server], arms: list[Arm]) -> dict[tuple[str, str], str]:
    """Return new access tokens: they live five minutes."""
    return {
        (name, client): token_of(server.token_url, client)
        for name, server in servers.items()
        if server.token_url
        for client in {arm.client for arm in arms if arm.server is server}
    }


def _burst(arm: Arm, token: str, folder: Path, *, kept: bool) -> None:
    """Send requests for a second; the first burst of an arm, which is not kept, verifies its answers."""
    if not kept:
        connection = http.client.HTTPConnection("127.0.0.1", arm.server.port, timeout=60)
        for path in arm.paths[:20]:
            _ask(connection, arm, path, token)
        connection.close()
    paths, script = folder / "paths.txt", folder / "requests.lua"
    paths.write_text("\n".join(arm.paths))
    script.write_text(_LUA % (paths, token))
    before = _cpu(arm.server.process)
    command = ["wrk", "-t1", "-c8", "-d1s", "-s", str(script), f"http://127.0.0.1:{arm.server.port}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    spent = _cpu(arm.server.process) - before
    count = int(next(line.split()[0] for line in said.splitlines() if "requests in" in line))
    if ("Non-2xx" in said) != (arm.status != 200):
        raise SystemExit(f"{arm.name} of {arm.client}: expected {arm.status}, see\n{said}")
    if kept:
        arm.microseconds.append(spent / count * 1e6)


def _ask(connection: http.client.HTTPConnection, arm: Arm, path: str, token: str) -> float:
    """Return the seconds that a request took; its status is verified."""
    began = time.perf_counter()
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
    answer = connection.getresponse()
    answer.read()
    if answer.status != arm.status:
        raise SystemExit(f"{arm.name} of {arm.client}: {path} got {answer.status}, expected {arm.status}")
    return time.perf_counter() - began


def _in_turn(refused: Arm, allowed: Arm, tokens: dict[tuple[str, str], str]) -> None:
    """Ask what is refused and what is allowed in turn, for their latencies."""
    connection = http.client.HTTPConnection("127.0.0.1", refused.server.port, timeout=60)
    allowed.milliseconds.clear()
    for turn in range(1_000):
        for arm in (refused, allowed):
            token = tokens[arm.server.name, arm.client]
            arm.milliseconds.append(_ask(connection, arm, arm.paths[turn % len(arm.paths)], token) * 1e3)
    connection.close()
    refused.p95 = _p95(refused) / _p95(allowed)


def _p95(arm: Arm) -> float:
    return statistics.quantiles(arm.milliseconds, n=20)[-1]


def _cpu(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _told(arms: list[Arm]) -> bool:
    rows, met = [], True
    for arm in arms:
        ratio = arm.ratio if arm.yardstick else None
        goal = arm.goal
        missed = goal is not None and ratio is not None and max(ratio, arm.p95 or 0.0) > goal
        met &= not missed
        rows.append(
            (
                arm.name,
                arm.server.name,
                arm.client,
                f"{statistics.median(arm.microseconds):.0f} ({min(arm.microseconds):.0f})",
                f"{ratio:.2f}" if ratio is not None else "",
                f"{arm.p95:.2f}" if arm.p95 else "",
                f"{'missed: ' if missed else ''}<= {goal:.2f}" if goal else "",
            )
        )
    print_table(("request", "gateway", "client", "CPU us, median (least)", "ratio", "of p95", "goal"), rows)
    return met


if __name__ == "__main__":
    sys.exit(main())
