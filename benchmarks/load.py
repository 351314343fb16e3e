"""What a request costs the load generator: ours, Locust's FastHttpUser and wrk on a trivial target, in turn.

CPU time of the generator alone; a ratio is taken within a round, then the median of rounds. Who is compared
asks the same way: 32 users, again at once. The open schedule, the recorder and the second engine stand
beside it.
Exit code 1 when a goal is missed.
"""

import argparse
import io
import json
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from measuring import HERE, machine, print_table

from lab.load.arrival import Arrival, Expect
from lab.load.plan import LoadPlan
from lab.load.reading import read
from lab.load.record import Recorder
from lab.load.runner import run
from lab.load.target import Persona
from lab.model.text import Text

RATE, SECONDS, USERS = 10_000, 5.0, 32
LEAN, SCHEDULED = "lean engine, 32 users", "lean engine in Locust, 10,000/s open"
GOAL_WRK, GOAL_FAST, GOAL_RECORDER_US, GOAL_LAG_MS = 3.0, 7.0, 1.0, 2.0
BUNDLE = Expect((200,), required='"Bundle"')


def planned(port: int, rate: float, seconds: float, engine: str) -> LoadPlan:
    """Plan a Poisson process of one kind of request, checked as any other."""
    random = Random(1)  # noqa: S311 - a schedule
    at = sorted(random.uniform(0, seconds) for _ in range(round(rate * seconds)))
    return LoadPlan(
        profile="benchmark",
        title=Text(fr="mesure", en="measure"),
        base_url=f"http://127.0.0.1:{port}",
        token_url=None,
        duration_s=seconds,
        rate=rate,
        scale=1.0,
        seed=1,
        thresholds=("requests >= 1",),
        personas=(Persona("one", bearer="x" * 600),),
        arrivals=tuple(
            Arrival("poll", f"Encounter?_count={n % 50}", "one", BUNDLE, at=t) for n, t in enumerate(at)
        ),
        slots=2_000,
        engine=engine,
    )


def ours(port: int, rate: float, seconds: float, engine: str = "lean") -> dict[str, float]:
    """Play a plan; CPU between the first and the last second, so that start-up is left out."""
    with tempfile.TemporaryDirectory() as folder:
        result = run(planned(port, rate, seconds, engine), Path(folder))
        lines = map(json.loads, (Path(folder) / "samples.jsonl").read_bytes().splitlines())
        ticks = [line for line in lines if line["kind"] in {"tick", "end"}]
        lag = read(Path(folder) / "samples.jsonl").lag
    first, last = ticks[0], ticks[-2]
    return {
        "us": (last["cpu"] - first["cpu"]) / (last["sent"] - first["sent"]) * 1e6,
        "rate": result.achieved_rate,
        "errors": result.errors,
        "dropped": result.dropped,
        "lag": lag.percentile(99) or 0.0,
        "lag_median": lag.percentile(50) or 0.0,
    }


def fast_user(port: int) -> dict[str, float]:
    """Let Locust's FastHttpUser ask as fast as it can."""
    command = [sys.executable, "-m", "locust", "-f", HERE / "load_fast_user.py", "--headless"]
    options = ["-u", USERS, "-r", 100, "-t", f"{SECONDS:.0f}s", "--host", f"http://127.0.0.1:{port}"]
    done = subprocess.run(
        [str(word) for word in [*command, *options]], capture_output=True, text=True, timeout=120, check=False
    )
    said = re.search(r"CPU ([\d.]+) us, (\d+) requests", done.stdout)
    if said is None:
        raise SystemExit(f"FastHttpUser could not be measured: {done.stderr[-500:]}")
    return {"us": float(said[1]), "rate": int(said[2]) / SECONDS}


def closed(port: int) -> dict[str, float]:
    """Let the lean engine ask as fast as it can, as the others do."""
    command = [sys.executable, HERE / "load_closed.py", str(port), str(SECONDS), str(USERS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    said = re.search(r"CPU ([\d.]+) us, (\d+) requests", done.stdout)
    return {"us": float(said[1]), "rate": int(said[2]) / SECONDS}


def wrk(port: int) -> dict[str, float]:
    """Let wrk ask as fast as it can, from one thread."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = ["wrk", "-t1", f"-c{USERS}", f"-d{SECONDS:.0f}s", "-H", "Authorization: Bearer " + "x" * 600]
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{port}/Encounter"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    count = int(re.search(r"(\d+) requests in", done.stdout)[1])
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"us": used / count * 1e6, "rate": count / SECONDS}


def recorder_us() -> float:
    """Give what the recorder costs a request, its flush included: the departure and two latencies."""
    count, rounds = 20_000, []
    for _ in range(7):
        recorder = Recorder(io.BytesIO())
        keys = [(n // 4_000, "poll", 200, "ok", "") for n in range(count)]
        began = time.process_time()
        for key in keys:
            recorder.depart(intended=1.0, real=1.001)
            recorder.sample(key, intended_s=0.0123, service_s=0.0113)
        recorder.flush(at=1.0)
        rounds.append((time.process_time() - began) / count * 1e6)
    return min(rounds)


def main() -> int:
    """Measure and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    print(machine())
    target = subprocess.Popen([sys.executable, HERE / "load_target.py"], stdout=subprocess.PIPE, text=True)
    try:
        port = int(target.stdout.readline())
        contenders = {
            LEAN: lambda: closed(port),
            SCHEDULED: lambda: ours(port, RATE, SECONDS),
            "fast engine, 2,000/s": lambda: ours(port, 2_000, SECONDS, "fast"),
            "Locust FastHttpUser": lambda: fast_user(port),
            "wrk -t1": lambda: wrk(port),
        }
        measured = {name: [] for name in contenders}
        for number in range(rounds):
            for name in list(contenders) if number % 2 == 0 else list(contenders)[::-1]:
                measured[name].append(contenders[name]())
        quiet = [ours(port, 200, SECONDS) for _ in range(3)]
    finally:
        target.kill()
        target.wait()
    return report(measured, quiet)


def report(measured: dict[str, list[dict[str, float]]], quiet: list[dict[str, float]]) -> int:
    """Print what was measured, and the goals with what became of them."""
    lean, scheduled = measured[LEAN], measured[SCHEDULED]
    rows = []
    for name, runs in measured.items():
        costs = [one["us"] for one in runs]
        ratios = [one["us"] / ours_["us"] for one, ours_ in zip(runs, lean, strict=True)]
        rates = [one["rate"] for one in runs]
        rows.append(
            [
                name,
                *(f"{one:.1f}" for one in (min(costs), statistics.median(costs), max(costs))),
                f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})",
                f"{statistics.median(rates):,.0f}",
            ]
        )
    print_table(["CPU us a request", "min", "median", "max", "times the lean engine", "requests/s"], rows)
    lags = ", ".join(f"{one['lag']:.1f}" for one in scheduled)
    print(f"schedule error at 10,000/s, p99 by round: {lags} ms")
    to_wrk = statistics.median(a["us"] / b["us"] for a, b in zip(lean, measured["wrk -t1"], strict=True))
    to_fast = statistics.median(
        b["us"] / a["us"] for a, b in zip(lean, measured["Locust FastHttpUser"], strict=True)
    )
    sustained = max(one["rate"] for one in scheduled if not one["dropped"] and not one["errors"])
    lag = min(one["lag"] for one in quiet)
    recorder = recorder_us()
    goals = [
        (f"CPU a request, times wrk: {to_wrk:.1f}", f"at most {GOAL_WRK:g}", to_wrk <= GOAL_WRK),
        (f"FastHttpUser, times ours: {to_fast:.1f}", f"at least {GOAL_FAST:g}", to_fast >= GOAL_FAST),
        (
            f"requests/s from one core: {sustained:,.0f}",
            f"at least {RATE:,} x 99 %",
            sustained >= 0.99 * RATE,
        ),
        (
            f"recorder, us a request: {recorder:.2f}",
            f"at most {GOAL_RECORDER_US:g}",
            recorder <= GOAL_RECORDER_US,
        ),
        (
            f"schedule error p99 at 200/s, ms, best of three: {lag:.2f}",
            f"at most {GOAL_LAG_MS:g}",
            lag <= GOAL_LAG_MS,
        ),
    ]
    for said, wanted, met in goals:
        print(f"{'met   ' if met else 'MISSED'}  {said} (goal: {wanted})")
    return 0 if all(met for *_, met in goals) else 1


if __name__ == "__main__":
    raise SystemExit(main())
