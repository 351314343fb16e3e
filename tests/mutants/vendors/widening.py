"""Widen what a confined client sees, to some resources, ways out or searches: the flaw of many variants."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.mutants.vendors.sound.clients import Client
from tests.mutants.vendors.sound.message import Json
from tests.mutants.vendors.sound.vendor import Vendor

When = Callable[[Client, Json, str], bool]
"""Decides on a client that has a cohort, a resource outside of it, and the way in which it would come out."""
Query = list[tuple[str, str]]


def widen(app: Vendor, when: When) -> None:
    """Show what is outside the cohort, too, when asked to."""
    sound = app.cohort.sees

    def sees(client: Client, resource: Json, way: str) -> bool:
        return sound(client, resource, way) or (client.group is not None and when(client, resource, way))

    app.cohort.sees = sees


@dataclass
class Door:
    """Opens the whole of a type for as long as it is held open."""

    type: str = ""

    @contextmanager
    def opened(self, type_: str) -> Iterator[None]:
        """Open a type, ``*`` for all of them, for the length of the block."""
        self.type = type_
        try:
            yield
        finally:
            self.type = ""


def door(app: Vendor) -> Door:
    """Return a door in the cohort of every client, closed for now."""
    made = Door()
    widen(app, lambda _, body, __: made.type in {"*", body["resourceType"]})
    return made


def widen_searches(app: Vendor, when: Callable[[str, Query, str], bool]) -> None:
    """Evaluate searches of the kind chosen (type, parameters, way) on everything there is of the type."""
    sound, made = app.search.found, door(app)

    def found(caller, type_, query, way):
        query = list(query)
        with made.opened(type_ if when(type_, query, way) else ""):
            return sound(caller, type_, query, way)

    app.search.found = found
