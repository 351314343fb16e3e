"""Differential: the gateway's answers against those of the reference, on the projected view.

What the reference expects holds all that is visible, so completeness is judged on the way, and counted.
Spec: ``docs/five-levels.md``; reference, section 8, promises P2, P4, P5
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from lab.proof.grammar.slots import sent
from lab.proof.grammar.step import Step
from lab.proof.instance import Instance, Received, Sent, Wrap, drawn_ids, unbroken
from lab.proof.judge import Judge
from lab.proof.pair import Pair
from lab.proof.tally import Tally


@dataclass(frozen=True)
class Mismatch:
    """What the reference says against an answer."""

    step: Step
    asked: Sent
    received: Received
    where: str


def judged(
    pair: Pair, steps: Iterable[Step], folder: Path, tally: Tally, wrap: Wrap = unbroken
) -> Iterator[tuple[Step, Received, Mismatch | None]]:
    """Ask one world and the reference, and yield each step with the answer and what the reference says."""
    with drawn_ids(), TemporaryDirectory(dir=folder) as place:
        instance = Instance(pair.worlds[0], pair.grants, Path(place) / "0.db", wrap)
        judge = Judge(pair.client, instance, tally)
        answers: dict[int, Received] = {}
        try:
            for step in steps:
                asked = sent(step, answers)
                before = instance.before(step.number)
                received = answers[step.number] = instance.ask(step.number, asked)
                wrong = "" if step.client else judge.verdict(step, asked, before, received)
                yield step, received, Mismatch(step, asked, received, wrong) if wrong else None
        finally:
            instance.close()
