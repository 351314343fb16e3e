"""Arranges the scalability results of a run document as the page tells them: outcomes, classes, drawings."""

from collections.abc import Mapping, Sequence
from typing import Any

from reports.anchors import anchors
from reports.scaling_plots import drawing

Row = dict[str, Any]

PROFILE = "scale"
"""The name under which the verdict speaks of them, as if it were that of a load profile."""


def scaling_rows(results: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return each result with what the page adds: ``anchor``, ``outcome``, and those of its interactions."""
    names = anchors("load", (PROFILE for _ in results))
    return [
        {
            **result,
            "anchor": anchor,
            "profile": PROFILE,
            "outcome": _outcome(result["meets"]),
            "interactions": [_interaction(one, anchor) for one in result["interactions"]],
        }
        for result, anchor in zip(results, names, strict=True)
    ]


def _interaction(one: Mapping[str, Any], anchor: str) -> Row:
    law = one["law"]
    classes = [] if law is None else list(dict.fromkeys((law["least"], law["most"])))
    return {
        **one,
        "anchor": f"{anchor}-{one['name']}",
        "outcome": _outcome(one["meets"]),
        "classes": [] if one["invalid_reason"] else classes,
        "drawing": drawing(one),
    }


def _outcome(meets: bool | None) -> str:  # noqa: FBT001 - three answers
    return {True: "pass", False: "fail", None: "skip"}[meets]
