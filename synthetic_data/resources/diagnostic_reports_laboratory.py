"""DiagnosticReport resources of the laboratory: all the results of one sample."""

from collections.abc import Iterator

import numpy as np

from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import stamps
from synthetic_data.facts.journeys import NONE
from synthetic_data.facts.laboratory_orders import COMMENTS
from synthetic_data.facts.units import LABORATORY, UNITS
from synthetic_data.resources.kind import Kind
from synthetic_data.templating.columns import Coded, Plain, Rows, fixed, joined, put_digits


def rows(block: Block) -> Iterator[Rows]:
    """Give the reports of a block, one for each sample."""
    samples, results, orders = block.samples, block.results, block.laboratory_orders
    count, rank = len(samples), np.arange(len(samples))
    comment = np.where(orders.comment == NONE, len(COMMENTS), orders.comment)
    yield Rows(
        "diagnostic_report_laboratory",
        count,
        {
            "id": block.ids("labrep", rank),
            "order": block.ids("laborder", rank),
            "specimen": block.ids("spec", rank),
            "patient": block.patient_ids(block.episodes.person[samples.episode]),
            "encounter": block.ids("enc", samples.episode),
            "effective": stamps(samples.taken),
            "issued": stamps(samples.issued),
            "laboratory": Coded(np.zeros(count, np.int64), (UNITS[LABORATORY]["id"],)),
            # Results follow one another sample by sample.
            "results": joined(
                _references(block, len(results)), np.searchsorted(results.sample, np.arange(count + 1))
            ),
            "conclusion": Coded(comment, [*(row["conclusion"] for row in COMMENTS), None]),
        },
    )


def _references(block: Block, count: int) -> Plain:
    """Write the references to all the results of a block, as JSON."""
    before, after = f'{{"reference":"Observation/obs-{block.number:04}-', '"}'
    matrix = np.empty((count, len(before) + 6 + len(after)), np.uint8)
    matrix[:, : len(before)] = np.frombuffer(before.encode(), np.uint8)
    put_digits(matrix[:, len(before) : -len(after)], np.arange(1, count + 1))
    matrix[:, -len(after) :] = np.frombuffer(after.encode(), np.uint8)
    return Plain(fixed(matrix).array, text=False)


KIND = Kind("DiagnosticReport", order=95, family="laboratory", of_block=rows)
