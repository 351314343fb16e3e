"""What the fake hospital is told to play, and what it saw."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Seen:
    """One request as it arrived, with the status it got."""

    method: str
    path: str
    query: dict
    form: dict
    headers: dict
    t: float
    status: int = 0

    @property
    def parameters(self) -> dict:
        """Return the parameters of the URL and of the form."""
        return {**self.query, **self.form}


@dataclass
class Fault:
    """Played ``times`` times on the FHIR requests whose path contains ``on``."""

    status: int = 503
    on: str = "/fhir/"
    times: int = 1
    headers: dict = field(default_factory=dict)
    body: bytes = b""
    cut: bool = False
    reset: bool = False
    then: Callable[[], None] = lambda: None
