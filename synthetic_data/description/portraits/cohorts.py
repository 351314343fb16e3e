"""The cohorts of the answer key: their names, their sizes, how many resources they open."""

from dataclasses import dataclass

import orjson

from synthetic_data.description.source import Source, damaged

_NAME = "answers/cohorts.ndjson"


@dataclass(frozen=True, slots=True)
class CohortPortrait:
    """`patients`: its size; `resources`: what an application limited to it may see, of all types."""

    name: str
    title: str
    patients: int
    resources: int


def cohorts_of(source: Source) -> tuple[CohortPortrait, ...]:
    """Read the cohorts; none when the folder has no answer key, FolderError when it is damaged."""
    path = source.path / _NAME
    if not path.is_file():
        return ()
    try:
        found = [orjson.loads(line) for line in path.read_bytes().split(b"\n") if line]
        return tuple(
            CohortPortrait(
                str(one["cohort"]),
                str(one.get("title", one["cohort"])),
                int(one["count"]),
                sum(map(int, one.get("resources", {}).values())),
            )
            for one in found
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(source.path, _NAME, type(error).__name__, type(error).__name__) from None
