"""Observation resources of the laboratory: one for each laboratory act."""

from collections.abc import Iterator

import numpy as np

from synthetic_data.facts.analytes import IS_FINDING, PLACES, TESTS, findings, usual
from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import stamps
from synthetic_data.facts.units import LABORATORY, UNITS
from synthetic_data.resources.kind import Kind
from synthetic_data.templating.columns import Coded, Column, Ints, Rows, decimals

_RATINGS = ("L", "N", "H", None)
_FINDINGS = {"positif": ("POS", "positif"), "negatif": ("NEG", "négatif")}


def rows(block: Block) -> Iterator[Rows]:
    """Give the measures of a block, then its findings."""
    is_finding = block.results.is_finding
    measures, found = np.flatnonzero(~is_finding), np.flatnonzero(is_finding)
    yield Rows("observation_quantity", len(measures), _shared(block, measures) | _measured(block, measures))
    yield Rows("observation_finding", len(found), _shared(block, found) | _found(block, found))


def _shared(block: Block, chosen: Ints) -> dict[str, Column]:
    sample = block.results.sample[chosen]
    episode = block.samples.episode[sample]
    return {
        "id": block.ids("obs", chosen),
        "patient": block.patient_ids(block.episodes.person[episode]),
        "encounter": block.ids("enc", episode),
        "effective": stamps(block.samples.taken[sample]),
        "issued": stamps(block.samples.issued[sample]),
        "order": block.ids("laborder", sample),
        "specimen": block.ids("spec", sample),
        "laboratory": Coded(np.zeros(len(chosen), np.int64), (UNITS[LABORATORY]["id"],)),
    }


def _measured(block: Block, chosen: Ints) -> dict[str, Column]:
    """All that depends on the reference range and the rating shares one coding: it is put together once."""
    results = block.results
    ranges = usual().ranges
    coding = results.range_of[chosen] * len(_RATINGS) + results.rating[chosen]
    each = [one for one in ranges for _ in _RATINGS]
    return {
        "value": decimals(results.scaled[chosen], PLACES[results.test[chosen]]),
        "loinc": Coded(coding, [TESTS[one.test]["loinc"] for one in each]),
        "label": Coded(coding, [TESTS[one.test]["libelle"] for one in each]),
        "unit": Coded(coding, [TESTS[one.test]["unite"] for one in each]),
        "ucum": Coded(coding, [TESTS[one.test]["ucum"] for one in each]),
        "low": Coded(coding, [_printed(one.low) for one in each]),
        "high": Coded(coding, [_printed(one.high) for one in each]),
        "interpretation": Coded(coding, [rating for _ in ranges for rating in _RATINGS]),
    }


def _printed(bound: float | None) -> float | int | None:
    return int(bound) if bound is not None and bound.is_integer() else bound


def _found(block: Block, chosen: Ints) -> dict[str, Column]:
    tests = np.flatnonzero(IS_FINDING)
    width = max(len(findings(int(test))[0]) for test in tests)
    place = np.full(len(TESTS), -1)
    place[tests] = np.arange(len(tests))
    coding = place[block.results.test[chosen]] * width + block.results.scaled[chosen]
    each = [
        (int(test), (*findings(int(test))[0], *[""] * width)[rank]) for test in tests for rank in range(width)
    ]
    said = [_FINDINGS.get(finding, (None, finding)) for _, finding in each]
    return {
        "loinc": Coded(coding, [TESTS[test]["loinc"] for test, _ in each]),
        "label": Coded(coding, [TESTS[test]["libelle"] for test, _ in each]),
        "finding_code": Coded(coding, [code for code, _ in said]),
        "finding": Coded(coding, [text for _, text in said]),
    }


KIND = Kind("Observation", order=80, family="laboratory", of_block=rows)
