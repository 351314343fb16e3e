"""Encounter resources: stays, consultations, emergency visits."""

from collections.abc import Iterator

import numpy as np

from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import stamps
from synthetic_data.facts.diagnoses import BIRTH, CODES, DELIVERIES, LABELS, MOTIVES, SESSIONS
from synthetic_data.facts.emergencies import OUTCOMES
from synthetic_data.facts.episodes import CONSULTATION, EMERGENCY_VISIT, STAY
from synthetic_data.facts.journeys import NONE
from synthetic_data.facts.staff import on_post, team_at
from synthetic_data.facts.units import EMERGENCY, UNITS
from synthetic_data.identifiers import opaques, visit_ranks
from synthetic_data.resources.appointments import appointment_ids
from synthetic_data.resources.kind import Kind
from synthetic_data.tables import table
from synthetic_data.templating.columns import Coded, Column, Ints, Rows, digits

_CLASSES = (("SS", "short stay"), ("IMP", "inpatient encounter"))
# HL7 table 0007: how people are admitted.
_TYPES = (
    ("U", "Urgent"),
    ("N", "Newborn (Birth in healthcare facility)"),
    ("L", "Labor and Delivery"),
    ("R", "Routine"),
    ("C", "Elective"),
)
_URGENT, _NEWBORN, _DELIVERY, _ROUTINE, _ELECTIVE = range(len(_TYPES))
_PRIORITIES = {
    1: ("EM", "emergency"),
    2: ("EM", "emergency"),
    3: ("UR", "urgent"),
    4: ("R", "routine"),
    5: ("R", "routine"),
}
_SOURCES = (("emd", "From accident/emergency department"), ("born", "Born in hospital"), (None, None))
_DISCHARGES = (("home", "Home"), ("exp", "Expired"), (None, None))


def rows(block: Block) -> Iterator[Rows]:
    """Give the encounters of a block: stays, consultations, visits."""
    for kind, shape, specific in (
        (STAY, "encounter_stay", _stay),
        (CONSULTATION, "encounter_consultation", _consultation),
        (EMERGENCY_VISIT, "encounter_emergency", _visit),
    ):
        chosen = np.flatnonzero(block.episodes.kind == kind)
        yield Rows(shape, len(chosen), _shared(block, chosen) | specific(block, chosen))


def _shared(block: Block, chosen: Ints) -> dict[str, Column]:
    episodes = block.episodes
    ended = episodes.ended[chosen]
    state = np.where(ended, 0, 1)
    unit, diagnosis = episodes.unit[chosen], episodes.diagnosis[chosen]
    return {
        "id": block.ids("enc", chosen),
        "visit_number": digits("", opaques(visit_ranks(block.number, chosen), block.plan.seed + 1), 9),
        "status": Coded(state, ("finished", "in-progress")),
        "location_status": Coded(state, ("completed", "active")),
        "patient": block.patient_ids(episodes.person[chosen]),
        "practitioner": block.practitioner_ids(block.doctors[chosen]),
        "start": stamps(episodes.start[chosen]),
        "end": stamps(episodes.end[chosen], ended),
        "location": Coded(unit, [row["lieu"] for row in UNITS]),
        "unit": Coded(unit, [row["id"] for row in UNITS]),
        "diagnosis": Coded(diagnosis, CODES),
        "diagnosis_label": Coded(diagnosis, LABELS),
    }


def _consultation(block: Block, chosen: Ints) -> dict[str, Column]:
    # The appointments of the consultations come first, in the same order.
    return {"appointment": appointment_ids(block, len(chosen))}


def _stay(block: Block, chosen: Ints) -> dict[str, Column]:
    episodes = block.episodes
    origin = episodes.origin[chosen]
    admitted = origin != NONE
    type_ = np.where(admitted, _URGENT, _planned_types()[episodes.diagnosis[chosen]])
    source = np.select([admitted, type_ == _NEWBORN], [0, 1], 2)
    full = np.where(episodes.nights[chosen] == 0, 0, 1)
    discharge = np.where(episodes.ended[chosen], np.where(episodes.dies[chosen], 1, 0), 2)
    from_unit = np.where(admitted, episodes.unit[np.maximum(origin, 0)], len(UNITS))
    return {
        "class_code": Coded(full, [code for code, _ in _CLASSES]),
        "class_label": Coded(full, [label for _, label in _CLASSES]),
        "type_code": Coded(type_, [code for code, _ in _TYPES]),
        "type_label": Coded(type_, [label for _, label in _TYPES]),
        "origin": Coded(from_unit, [*(row["lieu"] for row in UNITS), None]),
        "admit_source": Coded(source, [code for code, _ in _SOURCES]),
        "admit_source_label": Coded(source, [label for _, label in _SOURCES]),
        "discharge": Coded(discharge, [code for code, _ in _DISCHARGES]),
        "discharge_label": Coded(discharge, [label for _, label in _DISCHARGES]),
    }


def _planned_types() -> Ints:
    """Give the kind of admission of stays that do not come from the emergency department, by diagnosis."""
    return np.array(
        [
            _NEWBORN
            if row["exige"] == BIRTH
            else _DELIVERY
            if row["code"].startswith(DELIVERIES)
            else _ROUTINE
            if row["code"].startswith(SESSIONS)
            else _ELECTIVE
            for row in table("cim10")
        ]
    )


def _visit(block: Block, chosen: Ints) -> dict[str, Column]:
    episodes = block.episodes
    motive = episodes.motive[chosen]
    outcome = np.where(episodes.ended[chosen], episodes.outcome[chosen], len(OUTCOMES))
    site = np.where(episodes.unit[chosen] == EMERGENCY[0], 0, 1)
    nurse = on_post(block.plan.patients, "iao")[site, team_at(episodes.start[chosen]), 0]
    triage = [int(row["tri"]) for row in MOTIVES]
    ways = table("urgences_sorties")
    return {
        "triage": Coded(motive, [str(level) for level in triage]),
        "priority": Coded(motive, [_PRIORITIES[level][0] for level in triage]),
        "priority_label": Coded(motive, [_PRIORITIES[level][1] for level in triage]),
        "motive": Coded(motive, [row["code"] for row in MOTIVES]),
        "motive_label": Coded(motive, [row["motif"] for row in MOTIVES]),
        "triage_nurse": block.practitioner_ids(nurse),
        "discharge": Coded(outcome, [*(row["code"] for row in ways), None]),
        "discharge_label": Coded(outcome, [*(row["libelle"] for row in ways), None]),
        "discharge_text": Coded(outcome, [*(row["texte"] for row in ways), None]),
    }


KIND = Kind("Encounter", order=60, of_block=rows)
