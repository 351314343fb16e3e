"""A failing case: which worlds, which requests, what was wrong with the last; its JSON is replayed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from lab.proof.grammar.step import Step, step_of


class CaseError(ValueError):
    """A file that is no case."""


@dataclass(frozen=True)
class Case:
    """``pair`` is the seed of the worlds; ``before`` the number of requests until the last one failed."""

    engine: str
    pair: str
    steps: tuple[Step, ...]
    where: str
    requests: int = 0
    detail: tuple[str, ...] = ()

    def save(self, path: Path) -> None:
        """Write the case to a file."""
        data: dict[str, Any] = {
            "engine": self.engine,
            "pair": self.pair,
            "where": self.where,
            "steps": [step.to_json() for step in self.steps],
        }
        path.write_bytes(orjson.dumps(data, option=orjson.OPT_INDENT_2))


def load_case(path: Path) -> Case:
    """Read a case.

    Raises:
        CaseError: one sentence that says what was expected.
    """
    try:
        data = orjson.loads(path.read_bytes())
        steps = tuple(step_of(each) for each in data["steps"])
        return Case(str(data["engine"]), str(data["pair"]), steps, str(data.get("where", "")))
    except OSError as error:
        message = f"{path.name} cannot be read ({error.strerror}): name a file that a proof wrote."
        raise CaseError(message) from None
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        message = f"{path.name} is no case of a proof ({error}): name a file that a proof wrote."
        raise CaseError(message) from None
