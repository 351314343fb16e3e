"""What is wrong with a resource, as short lines: what a verification of very many resources asks."""

from collections.abc import Mapping
from typing import Any

from lab.validation.check import check, is_valid


def wrongs(resource: Mapping[str, Any]) -> list[str]:
    """Return a line for each error, `path: rule`, without any value; a valid resource gives none.

    A type that the definitions at hand do not cover is an error here: nothing was checked.
    """
    if is_valid(resource):
        return []
    report = check(resource)
    found = [f"{finding.path}: {finding.rule}" for finding in report.errors]
    return found or [f"{one.where}: not covered" for one in report.not_checked if one.kind == "type"]
