"""How long do the two conformance suites take, on the embedded server and with the example application?

Wall time, which is what a vendor waits for: run it with nothing beside. What a check costs beside HTTP is the
time between two findings without the time of its exchanges; checks that wait on purpose are in the longest.
Exit code 1 when a goal is missed.
"""

import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from measuring import machine, print_table

from lab.bundled import EXAMPLES, example
from lab.certification.certify import Options, certify
from lab.certification.document import read
from lab.engine.catalogue import catalogue
from lab.engine.plan import EnginePlan
from lab.engine.runner import Report, run_checks
from lab.journal.journal import read_journal
from lab.manifest import read_manifest
from lab.model.words import Outcome, Role, Suite
from lab.selftest import platform

SEED = 2023
GOAL_SERVER_S, GOAL_CLIENT_S, GOAL_CHECK_MS = 30.0, 60.0, 5.0


@dataclass(frozen=True)
class Timed:
    """One suite: seconds from its first check to its last, and milliseconds beside HTTP by check."""

    seconds: float
    outcomes: Counter[Outcome]
    beside: dict[str, float]
    exchanges: int


def server_suite() -> tuple[Timed, float]:
    """Run every conformance check of servers on the embedded server; also give the seconds with its start."""
    checks = tuple(
        id_
        for id_, card in catalogue().items()
        if card.role is Role.SERVER and card.suite is Suite.CONFORMANCE
    )
    taken: list[Timed] = []

    def timed(plan: EnginePlan, log: Path) -> Report:
        at = [time.monotonic()]
        report = run_checks(plan, log, lambda _: at.append(time.monotonic()))
        exchanges = list(read_journal(Path(plan.own_journal)))
        asked = Counter[str]()
        for one in exchanges:
            asked[one.check] += one.latency_ms
        taken.append(
            Timed(
                at[-1] - at[0],
                Counter(finding.outcome for finding in report.findings),
                {
                    finding.check.id: (after - before) * 1000 - asked[finding.check.id]
                    # The first one waits for the interpreter of the engine to start.
                    for finding, before, after in list(zip(report.findings, at, at[1:], strict=False))[1:]
                },
                len(exchanges),
            )
        )
        return report

    platform.run_checks = timed
    began = time.monotonic()
    trial = platform.try_platform(None, SEED, checks)
    whole = time.monotonic() - began
    if trial.defect:
        raise RuntimeError(trial.defect)
    return taken[0], whole


def client_suite() -> tuple[float, Counter[str]]:
    """Watch the example application and judge it as a client: seconds of the whole command, outcomes."""
    manifest = read_manifest(example(EXAMPLES[0]) / f"{EXAMPLES[0]}.toml")
    manifest = replace(manifest, roles=(Role.CLIENT,), server=None, load=None)
    outcomes = Counter[str]()
    with tempfile.TemporaryDirectory(prefix="lab-") as private:
        began = time.monotonic()
        folder = certify(
            manifest,
            Options(
                out=Path(private),
                seed=SEED,
                suites=frozenset({Suite.CONFORMANCE}),
                asked=frozenset({Suite.CONFORMANCE}),
            ),
        )
        seconds = time.monotonic() - began
        outcomes.update(finding["outcome"] for finding in read(folder.document)["findings"])
    return seconds, outcomes


def main() -> None:
    """Measure both and print them."""
    print(machine())
    server, whole = server_suite()
    client, outcomes = client_suite()
    beside = sorted(server.beside.items(), key=lambda item: -item[1])
    median = statistics.median(server.beside.values())
    rows = [
        (
            "server suite",
            f"{server.seconds:.1f} s",
            f"{GOAL_SERVER_S:.0f} s",
            server.seconds <= GOAL_SERVER_S,
        ),
        (
            "server suite, two instances started",
            f"{whole:.1f} s",
            f"{GOAL_SERVER_S:.0f} s",
            whole <= GOAL_SERVER_S,
        ),
        ("client suite, whole command", f"{client:.1f} s", f"{GOAL_CLIENT_S:.0f} s", client <= GOAL_CLIENT_S),
        (
            "a check beside HTTP, median",
            f"{median:.2f} ms",
            f"{GOAL_CHECK_MS:.0f} ms",
            median <= GOAL_CHECK_MS,
        ),
    ]
    print_table(
        ("conformance suites", "measured", "goal", ""),
        [(what, measured, goal, "met" if met else "missed") for what, measured, goal, met in rows],
    )
    print(f"server: {_counted(server.outcomes)}; {server.exchanges} exchanges; client: {_counted(outcomes)}")
    above = sum(ms > GOAL_CHECK_MS for ms in server.beside.values())
    print(f"beside HTTP: {above} of {len(beside)} checks above {GOAL_CHECK_MS:.0f} ms")
    print("longest beside HTTP: " + ", ".join(f"{id_} {ms:.0f} ms" for id_, ms in beside[:8]))
    sys.exit(0 if all(met for *_, met in rows) else 1)


def _counted(outcomes: Counter[Outcome] | Counter[str]) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())


if __name__ == "__main__":
    main()
