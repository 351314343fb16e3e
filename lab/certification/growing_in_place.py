"""The one application there is, grown in place: from one size to the next it is given what the next has more.

All sizes are parts of one hospital, that of the largest: a patient is the same at every size. What was
written is deleted at the end.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from lab.certification.filling import KINDS, empty, without_others, write
from lab.certification.folder import RunFolder
from lab.certification.growing import Grown, asked_of, started
from lab.certification.keys import Keys
from lab.certification.preparation import client_of, preparation_wire
from lab.certification.session import Gathered
from lab.model.target import SystemUnderTest
from lab.scaling.plan import FIRST, ScalePlan
from synthetic_data import HospitalPlan, generate

_KINDS = KINDS - {"Group"}
"""A group names patients of every size; nobody who asks here is confined to one."""


class InPlace:
    """The instance, at the size that it was last brought to."""

    def __init__(
        self,
        stack: ExitStack,
        subject: SystemUnderTest,
        plan: ScalePlan,
        keys: Keys,
        private: Path,
        folder: RunFolder,
        gathered: Gathered,
    ) -> None:
        """Start it, or look whether it runs; what is written is deleted when the stack closes.

        Raises:
            UnreachableError: it did not start, or does not answer.
        """
        smallest = plan.sizes[0]
        self._server, self._engine = started(
            stack, subject, smallest, plan.seed, keys, private / "one", folder
        )
        self._plan, self._gathered = plan, gathered
        # Apart, and not kept: every write of a large hospital would be a journal larger than the hospital.
        writing = stack.enter_context(preparation_wire(self._engine, RunFolder(private / "one")))
        self._writer = client_of(self._server, self._engine, writing)
        self._wire = stack.enter_context(preparation_wire(self._engine, folder))
        self._written: list[str] = []
        self._size = 0
        self._first: Grown | None = None
        stack.callback(self._empty)

    def grow(self, size: int) -> Grown:
        """Give it the patients that a size has more than the one before, and see what it can be asked.

        The requests of the first size are asked again at every size, under a route of their own.

        Raises:
            UnreachableError: it refused a write, or gave no token.
        """
        largest = HospitalPlan(seed=self._plan.seed, patients=self._plan.sizes[-1])
        for resource in part(generate(largest, _KINDS), after=self._size, upto=size):
            self._written.append(write(self._writer, without_others(resource)))
        self._size = size
        grown = asked_of(self._server, self._engine, self._wire, size)
        self._first = self._first or grown
        again = [one for one in self._first.arrivals if one.route == "read"] or self._first.arrivals
        return replace(grown, arrivals=(*grown.arrivals, *(replace(one, route=FIRST) for one in again)))

    def _empty(self) -> None:
        if refused := empty(self._writer, self._written):
            self._gathered.notes.append(
                f"{refused} of {len(self._written)} seeded resources could not be deleted."
            )


def part(resources: Iterator[Mapping[str, Any]], *, after: int, upto: int) -> Iterator[Mapping[str, Any]]:
    """Yield what belongs to the patients numbered above ``after`` and up to ``upto``, as they come.

    A resource belongs to the last patient that it names; what names none, to the first part.
    """
    numbers: dict[str, int] = {}
    for resource in resources:
        if resource["resourceType"] == "Patient":
            numbers.setdefault(f"Patient/{resource['id']}", len(numbers) + 1)
            number = numbers[f"Patient/{resource['id']}"]
        else:
            number = max((numbers.get(one, 0) for one in _references(resource)), default=0)
        if after < number <= upto or (number == 0 and after == 0):
            yield resource


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        target = node.get("reference")
        if isinstance(target, str):
            yield target
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
