"""One request of a conversation, as data: what it takes from earlier answers is a slot until it is sent."""

from dataclasses import asdict, dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """``path``, ``query``, header values and ``body`` may hold slots: ``{next:3}`` is taken from answer 3.

    ``seen`` is the number of a step whose resource is sent back, each of ``edits`` (a JSON member) changed.
    ``client`` is 0 for the one whose view the worlds share.
    """

    number: int
    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    seen: int | None = None
    edits: tuple[tuple[str, Any], ...] = ()
    client: int = 0
    kind: str = "read"

    def to_json(self) -> Json:
        """Return the step as JSON data, without what is as usual."""
        usual = asdict(Step(self.number, self.method, self.path))
        return {name: value for name, value in asdict(self).items() if value != usual[name]} | {
            "number": self.number,
            "method": self.method,
            "path": self.path,
        }


def step_of(data: Json) -> Step:
    """Read a step that ``to_json`` wrote."""
    pairs = {name: tuple((k, v) for k, v in data.get(name, ())) for name in ("headers", "edits")}
    return Step(**{**data, **pairs})
