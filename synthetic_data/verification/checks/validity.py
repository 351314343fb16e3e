"""Every line is valid FHIR: each shape is validated in full, what digits alone can break on every line.

Digits and free texts cannot change the structure of a line. What digits can break is checked on every line:
the calendar of dates, zeros before a number. A shape is validated in full with each of its codes and with
each integer that is 0; so are the lines that share their shape with few others, and one line in 64 to test
all this.
"""

import re
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
from synthetic_data.verification.variants import by_variant, variants
from synthetic_data.verification.zeros import zeros

NAME = "validity"
_WRONG_UID = re.compile(rb"(?<![0-9.])[3-9]\.|\.0[0-9]")  # its tree is 0, 1 or 2, no number begins with 0
_DAY_KNOWN = len("2023-06-15")
_AUDITED = 64  # one line in so many is validated in full, whatever its shape
_NUMBERED = frozenset({"Organization", "Location"})  # FINESS, SIREN, SIRET: the validator knows their keys
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
    defects += _zeros(block)
    if hospital.validator:
        defects += _validated(block, _validator(hospital.validator))
    return {
        "defects": defects,
        "checked resources": len(block),
        "checked again in full": len(_audited(block)),
    }


def _audited(block: Block) -> Ints:
    return np.arange(0, len(block), 1 if block.type in _NUMBERED else _AUDITED)


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


def _zeros(block: Block) -> Iterator[Defect]:
    """Numbers do not begin with a useless zero, nor do those of object identifiers."""
    for path, column, rows in block.columns():
        wrong = np.zeros(len(block), bool)
        if column.is_number:
            wrong[rows] = zeros(block, path, column, rows).useless
            yield from found(NAME, block, wrong, f"number in {path}", "no zero first", block.text(path))
        elif column.is_uid and _WRONG_UID.search(b" ".join(block.text(path).tolist())):
            wrong[:] = [_WRONG_UID.search(text) is not None for text in block.text(path).tolist()]
            yield from found(NAME, block, wrong, f"object identifier in {path}", "an OID", block.text(path))


def _validated(block: Block, validate: Validate) -> Iterator[Defect]:
    """Validate variants of shapes, then lines; a variant that is wrong is wrong on all its lines."""

    def problems(row: int) -> tuple[str, ...]:
        try:
            return tuple(map(str, validate(block.resource(row))))
        except ValueError:
            return ()  # no JSON: said elsewhere

    wrong_variants = set()
    for variant, wrong in by_variant(block, NAME, problems):
        for problem in wrong:
            wrong_variants.add(variant)
            yield from found(NAME, block, variants(block) == variant, problem, "valid FHIR R4", "invalid")
    for row in dict.fromkeys((*block.parsed, *_audited(block).tolist())):
        if variants(block)[row] not in wrong_variants and row not in block.broken:
            for problem in problems(row):
                yield Defect(NAME, block.file, problem, "valid FHIR R4", "invalid", block.resource_id(row))


def _judge(hospital: Hospital, gathered: Sequence[Gathered], readings: Readings) -> Judgement:
    judgement = judged_by_defects(hospital, gathered, readings)
    if hospital.validator:
        return judgement
    note = "no validator was given: JSON, dates, numbers and periods were checked, structure was not"
    return Judgement(judgement.defects, judgement.numbers, (note,), judgement.applicable)


CHECK = Check(NAME, "JSON, structure, dates, numbers and periods of every line", _judge, _gather)
