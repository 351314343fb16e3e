"""The whole hospital as JSON objects, in load order: every resource comes after those it refers to.

For hospitals of a few thousand patients, drawn where they are used; larger ones are written to a folder.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson

from synthetic_data.facts.block import Block
from synthetic_data.facts.cohorts import COHORTS
from synthetic_data.facts.volumes import block_count
from synthetic_data.plan import HospitalPlan
from synthetic_data.resources.kind import Kind, kinds
from synthetic_data.templating.columns import Rows
from synthetic_data.templating.fill import ndjson

Resource = dict[str, Any]


def generate(plan: HospitalPlan, only: frozenset[str] | None = None) -> Iterator[Resource]:
    """Give the FHIR R4 resources of the hospital, new at each call.

    `only`: names of the kinds wanted (`Observation.laboratory`), all of them unless given; the resources are
    the same. `meta.lastUpdated` is left to the server.
    """
    blocks = [Block(plan, number) for number in range(block_count(plan.patients))]
    cohorts = {
        one.name: np.concatenate([block.people.index[one.belongs(block)] for block in blocks]).tolist()
        for one in COHORTS
    }
    for kind in kinds():
        if only is not None and kind.name not in only:
            continue
        for rows in _rows(kind, plan, blocks, cohorts):
            yield from map(orjson.loads, bytes(ndjson(rows)).splitlines())


def _rows(
    kind: Kind, plan: HospitalPlan, blocks: list[Block], cohorts: dict[str, list[int]]
) -> Iterator[Rows]:
    if kind.of_hospital:
        yield from kind.of_hospital(plan)
    elif kind.of_cohorts:
        yield from kind.of_cohorts(plan, cohorts)
    elif kind.of_block:
        for block in blocks:
            yield from kind.of_block(block)
