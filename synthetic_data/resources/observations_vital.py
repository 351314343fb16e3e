"""Observation resources of vital signs, under the FR Core profiles; the two pressures make one resource."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import stamps
from synthetic_data.facts.episodes import EMERGENCY_VISIT
from synthetic_data.facts.norms import DIASTOLIC, PLACES, SIGNALS, SYSTOLIC
from synthetic_data.facts.staff import on_post, team_at
from synthetic_data.facts.units import EMERGENCY, UNITS
from synthetic_data.resources.kind import Kind
from synthetic_data.templating.columns import Coded, Column, Ints, Plain, Rows, decimals, integers


def rows(block: Block) -> Iterator[Rows]:
    """Give the measures of a block, then its blood pressures."""
    vitals = block.vitals
    shown = vitals.measured.copy()
    shown[:, DIASTOLIC] = False  # written with the systolic one
    reading, signal = np.nonzero(shown)
    single, double = np.flatnonzero(signal != SYSTOLIC), np.flatnonzero(signal == SYSTOLIC)
    yield Rows(
        "observation_vital",
        len(single),
        {
            **_shared(block, single, reading[single]),
            **_named(signal[single]),
            "value": decimals(vitals.scaled[reading[single], signal[single]], PLACES[signal[single]]),
        },
    )
    yield Rows(
        "observation_blood_pressure",
        len(double),
        {
            **_shared(block, double, reading[double]),
            "systolic": integers(vitals.scaled[reading[double], SYSTOLIC]),
            "diastolic": integers(vitals.scaled[reading[double], DIASTOLIC]),
        },
    )


def _shared(block: Block, rank: Ints, reading: Ints) -> dict[str, Column]:
    episode = block.vitals.episode[reading]
    taken = block.vitals.taken[reading]
    return {
        "id": block.ids("vital", rank),
        "patient": block.patient_ids(block.episodes.person[episode]),
        "encounter": block.ids("enc", episode),
        "effective": stamps(taken),
        "performer": _performers(block, episode),
    }


def _performers(block: Block, episode: Ints) -> Plain:
    """Name the triage nurse of an emergency visit, the unit of a stay."""
    unit, visit = block.episodes.unit[episode], block.episodes.kind[episode] == EMERGENCY_VISIT
    site = np.where(unit == EMERGENCY[0], 0, 1)
    nurse = on_post(block.plan.patients, "iao")[site, team_at(block.episodes.start[episode]), 0]
    nurses = pc.binary_join_element_wise("Practitioner/", block.practitioner_ids(nurse).array, "")
    units = pa.array([f"Organization/{one['id']}" for one in UNITS]).take(pa.array(unit))
    return Plain(pc.if_else(pa.array(visit), nurses, units))


def _named(signal: Ints) -> dict[str, Column]:
    columns = {
        "profile": "profil", "loinc": "loinc", "loinc_method": "loinc_methode", "label": "libelle",
        "unit": "unite", "ucum": "ucum",
    }  # fmt: skip
    return {name: Coded(signal, [row[column] or None for row in SIGNALS]) for name, column in columns.items()}


KIND = Kind("Observation", order=82, family="vitals", of_block=rows)
