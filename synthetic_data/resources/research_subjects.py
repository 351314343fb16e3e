"""ResearchSubject resources: the people who take part in the studies."""

from collections.abc import Iterator

import numpy as np

from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import stamps
from synthetic_data.facts.participations import ON_STUDY, STATUSES, STUDIES, participations
from synthetic_data.resources.consents import agreement_ids
from synthetic_data.resources.kind import Kind
from synthetic_data.resources.research_studies import study_id
from synthetic_data.templating.columns import Coded, Rows


def rows(block: Block) -> Iterator[Rows]:
    """Give the participations of a block."""
    joined = participations(block)
    ranks = np.arange(len(joined))
    yield Rows(
        "research_subject",
        len(joined),
        {
            "id": block.ids("subject", ranks),
            "number": block.ids("inc", ranks),
            "status": Coded(joined.status, STATUSES),
            "since": stamps(joined.since),
            "until": stamps(joined.until, joined.status != ON_STUDY),
            "study": Coded(joined.study, [study_id(row) for row in STUDIES]),
            "patient": block.patient_ids(joined.person),
            "consent": agreement_ids(block, ranks),
        },
    )


KIND = Kind("ResearchSubject", order=102, of_block=rows)
