"""What a generator is told through its standard input: its part of the plan, and who it is among the others.

It holds tokens and assertions: it goes through a pipe and is never written to disk.
"""

from dataclasses import dataclass
from typing import Any, Self

import orjson

from lab.load.plan import LoadPlan


@dataclass(frozen=True)
class Orders:
    """``worker`` counts from 0; ``samples`` is the file to record in, from the working folder.

    ``echo_url`` is the calibration target, empty for none.
    """

    plan: LoadPlan
    samples: str
    worker: int = 0
    echo_url: str = ""

    def to_json(self) -> bytes:
        """Return them as JSON, secrets included."""
        return orjson.dumps(self)

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Return the orders that ``to_json`` wrote."""
        data: dict[str, Any] = orjson.loads(text)
        return cls(plan=LoadPlan.from_data(data.pop("plan")), **data)
