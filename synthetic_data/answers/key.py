"""Write the answer key beside the data: cohorts, masks and queries with what they must give."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from synthetic_data.facts.cohorts import COHORTS
from synthetic_data.facts.hard_cases import hard_cases
from synthetic_data.plan import HospitalPlan


def write_answers(folder: Path, plan: HospitalPlan, tally: Mapping[str, Any]) -> dict[str, str]:
    """Write the files of the answer key; return the SHA-256 of each.

    `cohorts.ndjson`: a line for each cohort, its Group, its patients, and how many resources of each type it
    opens; `masks.ndjson`: for each element, how many patients have it, in all and in each cohort;
    `hard_cases.ndjson`: the patients that break applications, and why; `queries.ndjson`: for each search, the
    total, and the ids when they are 1,000 at most.
    """
    folder.mkdir(exist_ok=True)
    files = {
        "cohorts.ndjson": _cohorts(tally),
        "masks.ndjson": ({"element": path, "patients": counts} for path, counts in tally["masks"].items()),
        "hard_cases.ndjson": (asdict(case) for case in hard_cases(plan)),
        "queries.ndjson": ({"search": search, **answer} for search, answer in tally["queries"].items()),
    }
    return {name: _write(folder / name, lines) for name, lines in files.items()}


def _cohorts(tally: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for one in COHORTS:
        members = tally["cohorts"][one.name]
        opened = {type_: counts.get(one.name, 0) for type_, counts in tally["compartments"].items()}
        yield {
            "cohort": one.name,
            "group": f"group-{one.name}",
            "title": one.title,
            "count": len(members),
            "resources": opened,
            "patients": [f"pat-{index + 1:07}" for index in members],
        }


def _write(path: Path, lines: Iterable[Mapping[str, Any]]) -> str:
    data = b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines)
    path.write_bytes(data)
    return hashlib.sha256(data).hexdigest()
