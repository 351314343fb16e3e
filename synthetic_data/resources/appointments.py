"""Appointment resources: the one of each consultation, the missed, the cancelled and the booked ones."""

from collections.abc import Iterator

import numpy as np

from synthetic_data.facts.appointments import CANCELLED, LENGTHS, STATUSES
from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import stamps
from synthetic_data.facts.diagnoses import CODES, LABELS
from synthetic_data.facts.journeys import NONE
from synthetic_data.facts.units import UNITS
from synthetic_data.resources.kind import Kind
from synthetic_data.resources.specialties import specialties
from synthetic_data.templating.columns import Coded, Plain, Rows

# HL7 table 0276.
_TYPES = (
    ("ROUTINE", "Routine appointment - default if not valued"),
    ("FOLLOWUP", "A follow up visit from a previous appointment"),
)
_KEPT, _BY_PROVIDER, _BY_PATIENT = range(3)


def rows(block: Block) -> Iterator[Rows]:
    """Give the appointments of a block."""
    taken = block.appointments
    type_ = taken.follow_up.astype(np.int64)
    cancelled = taken.status == CANCELLED
    ending = np.select([cancelled & taken.by_patient, cancelled], [_BY_PATIENT, _BY_PROVIDER], _KEPT)
    yield Rows(
        "appointment",
        len(taken),
        {
            "id": appointment_ids(block, len(taken)),
            "status": Coded(taken.status, STATUSES),
            "cancelled_by": Coded(ending, (None, "prov", "pat")),
            "cancelled_by_label": Coded(ending, (None, "Provider", "Patient")),
            "patient_status": Coded(ending, ("accepted", "accepted", "declined")),
            "practitioner_status": Coded(ending, ("accepted", "declined", "accepted")),
            "type": Coded(type_, [code for code, _ in _TYPES]),
            "type_label": Coded(type_, [label for _, label in _TYPES]),
            "minutes": Coded(type_, LENGTHS.tolist()),
            "diagnosis": Coded(taken.diagnosis, CODES),
            "diagnosis_label": Coded(taken.diagnosis, LABELS),
            "start": stamps(taken.start),
            "end": stamps(taken.end),
            "created": stamps(taken.created),
            "slot": block.ids("slot", np.maximum(taken.slot, 0), taken.slot != NONE),
            "patient": block.patient_ids(taken.person),
            "practitioner": block.practitioner_ids(taken.doctor),
            "location": Coded(taken.unit, [unit["lieu"] for unit in UNITS]),
            **specialties(taken.unit),
        },
    )


def appointment_ids(block: Block, count: int) -> Plain:
    """Write the ids of the first appointments of a block, those of its consultations first."""
    return block.ids("rdv", np.arange(count))


KIND = Kind("Appointment", order=56, of_block=rows)
