"""Non-interference: whatever one client asks, two worlds with the same view answer the same bytes.

Spec: ``docs/five-levels.md``; reference, section 8, promises P2 and P3
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from lab.proof.grammar.slots import sent
from lab.proof.grammar.step import Step
from lab.proof.instance import Instance, Received, Sent, Wrap, drawn_ids, unbroken
from lab.proof.pair import Pair


@dataclass(frozen=True)
class Difference:
    """The two answers to one request that should be one."""

    step: Step
    asked: Sent
    one: Received
    two: Received

    @property
    def where(self) -> str:
        """Return what differs: status, a header, or the body."""
        if self.one.status == self.two.status >= 500:
            return f"fault {self.one.status}"
        if self.one.status != self.two.status:
            return f"status {self.one.status} / {self.two.status}"
        names = [name for name, _ in (*self.one.headers, *self.two.headers)]
        differing = [n for n in dict.fromkeys(names) if self.one.header(n) != self.two.header(n)]
        return f"header {differing[0]}" if differing else "body"


def compared(
    pair: Pair, steps: Iterable[Step], folder: Path, wrap: Wrap = unbroken
) -> Iterator[tuple[Step, Received, Difference | None]]:
    """Ask both worlds the same bytes, and yield each step with the answer of the first and what differs."""
    with drawn_ids(), TemporaryDirectory(dir=folder) as place:
        instances = [
            Instance(world, pair.grants, Path(place) / f"{n}.db", wrap) for n, world in enumerate(pair.worlds)
        ]
        answers: dict[int, Received] = {}
        try:
            for step in steps:
                asked = sent(step, answers)
                one, two = (instance.ask(step.number, asked) for instance in instances)
                answers[step.number] = one
                same = one.status < 500 and (one == two or step.client != 0)
                yield step, one, None if same else Difference(step, asked, one, two)
        finally:
            for instance in instances:
                instance.close()
