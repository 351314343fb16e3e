"""What a search asks, and one line of what it finds."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from lab.fhirserver.search.criterion import Criterion
from lab.fhirserver.search.sorting import CREATION, Sort
from lab.fhirserver.sql import FALSE, Sql, both
from lab.fhirserver.storage.type_numbers import number

Key = Any
"""A text, a number or None: those of one sort are of one type."""


@dataclass(frozen=True)
class Query:
    """``criteria`` are all to be met; the view is one of them. ``sorts`` are keys, the first one leading."""

    type: str
    criteria: tuple[Criterion, ...]
    sorts: tuple[Sort, ...] = (CREATION,)

    @property
    def sort(self) -> Sort:
        """Return the leading key."""
        return self.sorts[0]

    @property
    def walks(self) -> bool:
        """Tell whether an index holds the order."""
        return len(self.sorts) == 1 and self.sort.walks

    @property
    def impossible(self) -> bool:
        """Tell whether no resource can meet a criterion; SQLite has no plan for that with an index named."""
        return any(criterion.test == FALSE for criterion in self.criteria)

    @property
    def there(self) -> Sql:
        """Return the condition that the row ``r`` is a resource of the type, not deleted.

        The number of the type is written out: SQLite must see it to use the indexes of the slots.
        """
        return Sql(f"r.type = {number(self.type)} and r.deleted = 0")

    def met(self, but: frozenset[Criterion] = frozenset()) -> Sql:
        """Return the condition that the resource ``r`` is there and meets the criteria, some left out."""
        return both((self.there, *(c.test for c in self.criteria if c not in but)))


class Found(NamedTuple):
    """One resource of a page; ``keys`` say its place in the order, as many as the search sorts on.

    ``body`` is what its row holds, if the plan has read it.
    """

    k: int
    id: str
    keys: tuple[Key, ...]
    body: bytes | None = None

    @property
    def key(self) -> Key:
        """Return the leading key."""
        return self.keys[0]
