"""The documented exit code of a run, read from its document alone.

0 conforms, 1 does not conform, 2 usage or manifest error, 3 laboratory error, 4 application unreachable,
5 incomplete.
"""

from collections.abc import Mapping
from typing import Any

CONFORMS, DOES_NOT_CONFORM, USAGE, LABORATORY, UNREACHABLE, INCOMPLETE = range(6)
_BY_STATUS = {
    "conforms": CONFORMS,
    "does_not_conform": DOES_NOT_CONFORM,
    "withheld": LABORATORY,
    "incomplete": INCOMPLETE,
}


def exit_code(run: Mapping[str, Any]) -> int:
    """Return the exit code of a run document."""
    return UNREACHABLE if run["unreachable"] else _BY_STATUS[run["verdict"]["status"]]
