"""Compare our generator with those of PyPI: resources per CPU-second of one core, all in one run.

The peers are installed into a throw-away folder. Rounds go forth and back (A B C D, D C B A, ...) so that a
busy neighbour, or a machine that warms up, does not fall on one contender only.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from contenders import LABORATORY, PEERS, Contender, FailedError, Made, installed, ours
from measuring import machine, print_table, spread

GOAL, STRETCH = 100, 300
CAVEAT = "Peers simulate lives step by step; we sample a hospital year."


def main() -> int:
    """Install, measure, print; exit 1 when a contender failed or the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how many times each is run [3]")
    parser.add_argument("--scale", default="0.05", help="of our whole hospital [0.05]")
    parser.add_argument("--blocks", default="64", help="of 2,000 patients, for our laboratory [64]")
    given = parser.parse_args()
    failures: dict[str, str] = {}
    print(f"Begun {machine()}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        contenders = [*ours(given.scale, given.blocks), *_installed(Path(folder), failures)]
        made = _measured(contenders, given.rounds, failures)
    print(f"Ended {machine()}\n")
    met = _print(contenders, made, failures)
    return 0 if met and not failures else 1


def _installed(folder: Path, failures: dict[str, str]) -> list[Contender]:
    found = []
    for peer in PEERS:
        try:
            found.append(installed(peer, folder))
        except FailedError as error:
            failures[f"{peer.name} {peer.version}"] = str(error)
    return found


def _measured(contenders: list[Contender], rounds: int, failures: dict[str, str]) -> list[dict[str, Made]]:
    """Run them all, round after round; one that failed is not run again."""
    made: list[dict[str, Made]] = []
    for number in range(rounds):
        made.append({})
        for one in contenders if number % 2 == 0 else contenders[::-1]:
            if one.name in failures:
                continue
            try:
                made[-1][one.name] = done = one.make()
            except FailedError as error:
                failures[one.name] = str(error)
                continue
            print(
                f"  {number + 1}/{rounds} {one.name}: {done.rate:,.0f}/s in {done.cpu:.1f} CPU-s", flush=True
            )
    return made


def _print(contenders: list[Contender], made: list[dict[str, Made]], failures: dict[str, str]) -> bool:
    """Print the table and the conclusion; tell whether the goal is met."""
    sound = [one for one in contenders if one.name not in failures]
    rates = {one.name: spread([of[one.name].rate for of in made]) for one in sound}
    peers = [one.name for one in sound if one.is_peer]
    best = max(peers, key=lambda name: rates[name][1], default=None)
    rows = []
    for one in sound:
        # The ratio is taken round by round: both sides then had the same neighbours.
        ratios = spread([of[one.name].rate / of[best].rate for of in made]) if best else None
        size = made[0][one.name]
        rows.append(
            [
                one.name,
                f"{size.resources:,}",
                f"{size.bytes / size.resources:,.0f}",
                *(f"{rate:,.0f}" for rate in rates[one.name]),
                "-" if ratios is None else f"{ratios[1]:,.1f} ({ratios[0]:,.1f}-{ratios[2]:,.1f})",
            ]
        )
    header = ("resources per CPU-second", "made", "B each", "min", "median", "max", "ratio to the best peer")
    print_table(header, rows)
    for name, why in failures.items():
        print(f"FAILED {name}: {why}")
    print(f"\n{CAVEAT}")
    if best is None or LABORATORY not in rates:
        print(f"Goal (laboratory at least {GOAL}x the best peer): NOT MEASURED")
        return False
    ratio = spread([of[LABORATORY].rate / of[best].rate for of in made])[1]
    print(
        f"Goal (laboratory at least {GOAL}x the best peer, stretch {STRETCH}x): {ratio:,.0f}x {best}, "
        f"{'met' if ratio >= GOAL else 'MISSED'}; stretch {'met' if ratio >= STRETCH else 'missed'}"
    )
    return ratio >= GOAL


if __name__ == "__main__":
    sys.exit(main())
