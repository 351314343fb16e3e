"""What the laboratory planted in an application: marked patients, and shapes that leaks hide in.

Every text that is worth hiding is a *marker*: a word that stands nowhere else, so that finding it anywhere in
an answer, header or page is the proof of a leak.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

COHORT, OTHER, OPPOSED, CONTACT = "canary-cohort", "canary-other", "canary-opposed", "canary-contact"
"""The planted Groups: whom ``restricted``, ``other`` and ``contact`` see, and whom ``research`` does not."""


@dataclass(frozen=True)
class Canary:
    """The answer key of what was planted; empty when nothing was.

    ``groups`` maps each planted Group to its patients. ``shapes`` maps the name of a shape (``focus``,
    ``contained``...; see ``lab/canary/shapes.py``) to the ``Type/id`` that has it, of what the application
    took. ``markers`` maps each marker to where it stands, as ``Patient/canary-in-1 address``.
    ``refused`` maps what the application did not take to its answer.
    """

    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shapes: Mapping[str, str] = field(default_factory=dict)
    markers: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Tell whether anything was planted."""
        return bool(self.groups)

    def inside(self, group: str = COHORT) -> tuple[str, ...]:
        """Return the patients of a cohort, in id order."""
        return tuple(sorted(self.groups.get(group, ())))

    def outside(self, group: str = COHORT) -> tuple[str, ...]:
        """Return the planted patients that are not of a cohort, in id order."""
        every = {id_ for ids in self.groups.values() for id_ in ids}
        return tuple(sorted(every - set(self.groups.get(group, ()))))

    def of(self, name: str, *elements: str) -> tuple[str, ...]:
        """Return the markers of one resource (``Type/id``), of some of its elements when given."""
        found = ((marker, *where.partition(" ")[::2]) for marker, where in self.markers.items())
        return tuple(
            sorted(m for m, whose, where in found if whose == name and (not elements or where in elements))
        )
