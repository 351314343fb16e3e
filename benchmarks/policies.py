"""Measure how long 1,000 distinct Permissions take to compile, next to parsing their JSON.

CPU time of one process; rounds alternate, the ratio is taken round by round, then its median.
"""

import argparse
import json
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from fhir.resources.permission import Permission
from measuring import machine, print_table

from lab.fhir.permission import NETWORK, compile_permission
from lab.fhir.permission_form import permission

GOAL_S = 1.0
TYPES = ("Patient", "Observation", "Encounter", "Condition", "ImagingStudy", "Procedure", "DocumentReference")
MASKS = ("Patient.address", "Patient.telecom", "Patient.identifier", "Observation.note", "Encounter.location")
ACTIONS = ("read", "vread", "search-type", "history-instance", "operation")


def main() -> int:
    """Measure and print; exit 1 when the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000, help="Permissions [1000]")
    parser.add_argument("--rounds", type=int, default=5, help="rounds [5]")
    given = parser.parse_args()
    r5 = [_r5(number) for number in range(given.count)]
    r6 = [_r6(one) for one in r5]
    texts = [json.dumps(one) for one in r5]
    contenders: dict[str, Callable[[], object]] = {
        "json.loads": lambda: [json.loads(text) for text in texts],
        "compile, R5 form": lambda: [compile_permission(one, "app") for one in r5],
        "compile, R6 form": lambda: [compile_permission(one, "app") for one in r6],
        "fhir.resources, validate only": lambda: [Permission.model_validate(one) for one in r5],
    }
    print(f"Begun {machine()}", flush=True)
    rounds = [{name: _cpu(run) for name, run in contenders.items()} for _ in range(given.rounds)]
    rows = [
        [
            name,
            f"{median(one[name] for one in rounds):.3f}",
            f"{median(one[name] / one['json.loads'] for one in rounds):.1f}",
        ]
        for name in contenders
    ]
    print_table([f"{given.count} distinct Permissions", "CPU s", "ratio to json.loads"], rows)
    worst = max(median(one[name] for one in rounds) for name in contenders if name.startswith("compile"))
    missed = worst > GOAL_S * given.count / 1_000
    print(f"\nGoal of {GOAL_S:g} s for 1,000: {'MISSED' if missed else 'met'}")
    return int(missed)


def _cpu(run: Callable[[], object]) -> float:
    begun = time.process_time()
    run()
    return time.process_time() - begun


def _r5(number: int) -> dict[str, Any]:
    """Return one Permission: three to seven types in one or two Groups of its own, four to six masks."""
    opened = {
        type_: tuple(f"g{number}-{group}" for group in range(1 + place % 2))
        for place, type_ in enumerate(TYPES[: 3 + number % 5])
    }
    masked = (*MASKS[: 3 + number % 3], f"Patient.identifier.where(system in ('urn:x:{number}'))")
    return permission("app", opened, ACTIONS, masked)


def _r6(source: dict[str, Any]) -> dict[str, Any]:
    """Return the same Permission in the R6 form."""
    (rule,) = source["rule"]
    network, limit = rule["modifierExtension"]
    place = {"resourceType": "Location", "id": "place", "extension": [{**network, "url": NETWORK}]}
    data = [
        {
            "resource": one["resource"],
            "resourceType": [
                {"system": "http://hl7.org/fhir/fhir-types", "code": one["expression"]["expression"]}
            ],
        }
        for one in rule["data"]
    ]
    activity = [
        {
            **one,
            "actor": [{"reference": one["actor"][0]}],
            "location": {"reference": "#place"},
        }
        for one in rule["activity"]
    ]
    paths = [part["valueString"] for part in limit["extension"]]
    return {
        **source,
        "resourceDefinition": "http://hl7.org/fhir/StructureDefinition/Permission|6.0.0",
        "contained": [place],
        "rule": [{"type": "permit", "data": data, "activity": activity, "limit": [{"path": paths}]}],
    }


if __name__ == "__main__":
    raise SystemExit(main())
