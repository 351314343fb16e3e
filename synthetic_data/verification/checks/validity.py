"""Every line is valid FHIR: each shape is validated in full, what digits alone can break on every line.

Digits cannot change the structure of a line. What they can break is checked on every line: the calendar of
dates, zeros before a number. Each code is validated in full once for each shape it is in; so are the lines
with an integer that is 0, those that share their shape with few others, and one line in 64 to test all this.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from synthetic_data.verification.blocks import Block
from synthetic_data.verification.checking import (
    Check,
    Defect,
    Gathered,
    Judgement,
    Readings,
    found,
    judged_by_defects,
)
from synthetic_data.verification.hospital import Hospital
from synthetic_data.verification.instants import DAY
from synthetic_data.verification.keys import Ints
from synthetic_data.verification.layout import Json

NAME = "validity"
_DAY_KNOWN = len("2023-06-15")
_AUDITED = 64  # one line in so many is validated in full, whatever its shape
Validate = Callable[[dict[str, Json]], Sequence[object]]


@cache
def _validator(name: str) -> Validate:
    module, _, function = name.partition(":")
    validate: Validate = getattr(import_module(module), function)
    return validate


def _gather(block: Block, hospital: Hospital) -> Mapping[str, Any]:
    defects = list(_broken(block))
    wrong_type = block.text("resourceType") != block.type.encode()
    wrong_type[list(block.broken)] = False
    defects += found(NAME, block, wrong_type, "resourceType", block.type, block.text("resourceType"))
    defects += _dates(block)
    defects += _periods(block)
    zeros, misplaced = _zeros(block)
    defects += misplaced
    if hospital.validator:
        defects += _validated(block, zeros, _validator(hospital.validator))
    return {
        "defects": defects,
        "checked resources": len(block),
        "checked again in full": len(_audited(block)),
    }


def _audited(block: Block) -> Ints:
    return np.arange(0, len(block), _AUDITED)


def _broken(block: Block) -> Iterator[Defect]:
    for row, why in block.broken.items():
        duplicate = why.startswith("DuplicateNameError")
        what, expected = (
            ("repeated element", "each element once") if duplicate else ("JSON", "one JSON object")
        )
        yield Defect(NAME, block.file, what, expected, why, block.resource_id(row))


def _dates(block: Block) -> Iterator[Defect]:
    for path in block.date_paths():
        instants = block.instants(path)
        wrong = (instants.known > 0) & ~instants.valid
        yield from found(NAME, block, wrong, f"date in {path}", "a day and time that exist", block.text(path))


def _periods(block: Block) -> Iterator[Defect]:
    """Compare the start and end of every period, and of the types that have them at their first level."""
    dates = set(block.date_paths())
    for start in dates:
        end = start.removesuffix("start") + "end"
        if start.rpartition(".")[2] == "start" and end in dates:
            first, last = block.instants(start), block.instants(end)
            # An end without hours is the end of its day, one without a day is not compared.
            day_end = np.where(last.known == _DAY_KNOWN, DAY - 1, 0)
            wrong = first.valid & last.valid & (last.known >= _DAY_KNOWN)
            wrong &= np.where(day_end > 0, last.wall + day_end < first.wall, last.seconds < first.seconds)
            yield from found(NAME, block, wrong, f"order of {end}", f"not before {start}", block.text(end))


def _zeros(block: Block) -> tuple[Ints, list[Defect]]:
    """Give the lines that have an integer 0, and the defect of numbers that begin with a useless zero."""
    rows_of_zero = [np.empty(0, np.int64)]
    defects: list[Defect] = []
    for path, column, rows in block.columns():
        if not column.is_number:
            continue
        sign = (block.bytes_at(column, rows, 0) == ord("-")).astype(np.int64)
        zero = block.bytes_at(column, rows, sign) == ord("0")
        begun, sign = rows[zero], sign[zero]
        if len(begun) == 0:
            continue
        length = column.length[block.shape[begun]].astype(np.int64)
        following = block.bytes_at(column, begun, np.minimum(sign + 1, length - 1))
        alone = length == sign + 1
        wrong = np.zeros(len(block), bool)
        wrong[begun[~alone & (following >= ord("0")) & (following <= ord("9"))]] = True
        defects += found(NAME, block, wrong, f"number in {path}", "no zero first", block.text(path))
        rows_of_zero.append(begun[alone])
    return np.concatenate(rows_of_zero), defects


def _validated(block: Block, zeros: Ints, validate: Validate) -> Iterator[Defect]:
    """Validate shapes (with their codes), then lines; a shape that is wrong is wrong on all its lines."""

    def problems(row: int) -> tuple[str, ...]:
        try:
            return tuple(map(str, validate(block.resource(row))))
        except ValueError:
            return ()  # no JSON: said elsewhere

    wrong_variants = set()
    for variant, wrong in block.by_variant(NAME, problems):
        for problem in wrong:
            wrong_variants.add(variant)
            yield from found(NAME, block, block.variants() == variant, problem, "valid FHIR R4", "invalid")
    for row in dict.fromkeys((*block.parsed, *zeros.tolist(), *_audited(block).tolist())):
        if block.variants()[row] not in wrong_variants and row not in block.broken:
            for problem in problems(row):
                yield Defect(NAME, block.file, problem, "valid FHIR R4", "invalid", block.resource_id(row))


def _judge(hospital: Hospital, gathered: Sequence[Gathered], readings: Readings) -> Judgement:
    judgement = judged_by_defects(hospital, gathered, readings)
    if hospital.validator:
        return judgement
    note = "no validator was given: JSON, dates, numbers and periods were checked, structure was not"
    return Judgement(judgement.defects, judgement.numbers, (note,), judgement.applicable)


CHECK = Check(NAME, "JSON, structure, dates, numbers and periods of every line", _judge, _gather)
