"""MedicationRequest resources: what doctors prescribe at stays, visits and consultations."""

from collections.abc import Iterator

import numpy as np

from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import stamps
from synthetic_data.facts.diagnoses import CODES, LABELS
from synthetic_data.facts.formulary import HABITS
from synthetic_data.facts.journeys import NONE
from synthetic_data.resources.dosages import dosages, dosing, dosings
from synthetic_data.resources.kind import Kind
from synthetic_data.templating.columns import Coded, Column, Ints, Rows

# By venue: a day hospital is inpatient care too; what a visit or a consultation prescribes is taken outside.
_CATEGORIES = (
    ("inpatient", "Inpatient"), ("inpatient", "Inpatient"), ("outpatient", "Outpatient"),
    ("outpatient", "Outpatient"),
)  # fmt: skip
_COURSES = {
    True: ("continuous", "Continuous long term therapy"),
    False: ("acute", "Short course (acute) therapy"),
}


def rows(block: Block) -> Iterator[Rows]:
    """Give the prescriptions of a block; one is active as long as it lasts."""
    made, episodes = block.prescriptions, block.episodes
    dosed = dosing(made.habit, made.venue)
    # Long-term diseases and diagnoses come first, then what the table words for each habit.
    reason = np.where(made.reason == NONE, len(CODES) + made.habit, made.reason)
    motives = [row["motif"] for row in HABITS]
    yield Rows(
        "medication_request",
        len(made),
        {
            "id": block.ids("medreq", np.arange(len(made))),
            "status": Coded(np.where(made.until > block.plan.now_minute, 1, 0), ("completed", "active")),
            "category": Coded(made.venue, [code for code, _ in _CATEGORIES]),
            "category_label": Coded(made.venue, [label for _, label in _CATEGORIES]),
            "patient": block.patient_ids(episodes.person[made.episode]),
            "encounter": block.ids("enc", made.episode),
            "authored": stamps(made.authored),
            "practitioner": block.practitioner_ids(block.doctors[made.episode]),
            "reason": Coded(reason, (*CODES, *(None for _ in HABITS))),
            "reason_label": Coded(reason, (*LABELS, *(None for _ in HABITS))),
            "reason_text": Coded(reason, (*LABELS, *motives)),
            **dosages(dosed),
            **_rhythms(dosed),
        },
    )


def _rhythms(habit: Ints) -> dict[str, Column]:
    """Give the columns that say how often and how long; a single dose is counted."""
    known = dosings()
    courses = [_COURSES[one.long_term] for one in known]
    single = [one.period is None for one in known]
    return {
        "course": Coded(habit, [code for code, _ in courses]),
        "course_label": Coded(habit, [label for _, label in courses]),
        "days": Coded(habit, [one.days for one in known]),
        "count": Coded(habit, [1 if once else None for once in single]),
        "times": Coded(habit, [None if one.period is None else one.times for one in known]),
        "period": Coded(habit, [one.period for one in known]),
        "period_unit": Coded(habit, [one.unit for one in known]),
        "as_needed": Coded(habit, [one.as_needed for one in known]),
    }


KIND = Kind("MedicationRequest", order=84, of_block=rows)
