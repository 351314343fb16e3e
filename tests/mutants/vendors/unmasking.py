"""Lift the masks of the restricted client where a variant has its flaw."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.mutants.vendors.sound.clients import Client
from tests.mutants.vendors.sound.message import Json
from tests.mutants.vendors.sound.parameters import Parameter
from tests.mutants.vendors.sound.vendor import Vendor

RESTRICTED, RESEARCH, NOTIFIER = "lab-restricted", "lab-research", "lab-contact"
When = Callable[[Json, str], bool]
"""Decides on a whole resource and the way in which it comes out."""


def unmask(app: Vendor, when: When, client_id: str = RESTRICTED) -> None:
    """Let resources of some kind out as they are stored."""
    sound = app.masks.apply

    def apply(client: Client, resource: Json, way: str) -> Json:
        if client.id == client_id and when(resource, way):
            return resource
        return sound(client, resource, way)

    app.masks.apply = apply


def change(app: Vendor, how: Callable[[Json, Json, str], Json | None], client_id: str = RESTRICTED) -> None:
    """Change masked resources on their way out: ``how`` gets the whole, the masked one and the way."""
    sound = app.masks.apply

    def apply(client: Client, resource: Json, way: str) -> Json:
        shown = sound(client, resource, way)
        changed = how(resource, shown, way) if client.id == client_id else None
        return shown if changed is None else changed

    app.masks.apply = apply


def allow_questions(app: Vendor, when: Callable[[str, Parameter, str, str], bool]) -> None:
    """Let questions about masked elements pass: ``when`` gets type, parameter, value and way."""
    sound = app.unmasked

    def unmasked(caller: Any, type_: str, known: Parameter, value: str, way: str) -> None:
        if caller.client.id != RESTRICTED or not when(type_, known, value, way):
            sound(caller, type_, known, value, way)

    app.unmasked = unmasked


class Within:
    """Knows whether a method is running."""

    def __init__(self) -> None:
        self.running = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Run the block as the method."""
        before, self.running = self.running, True
        try:
            yield
        finally:
            self.running = before

    def watch(self, owner: object, name: str) -> None:
        """Know from now on whether a method of an object is running."""
        sound = getattr(owner, name)

        def watched(*given: Any) -> Any:
            with self.held():
                return sound(*given)

        setattr(owner, name, watched)
