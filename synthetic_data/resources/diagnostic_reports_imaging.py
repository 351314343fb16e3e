"""DiagnosticReport resources of the imaging departments: the conclusion of each examination."""

from collections.abc import Iterator

import numpy as np

from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import stamps
from synthetic_data.facts.readings import CONCLUSIONS
from synthetic_data.facts.studies import ACTS, MODALITIES
from synthetic_data.facts.units import UNITS
from synthetic_data.resources.kind import Kind
from synthetic_data.templating.columns import Coded, Rows

# HL7 table 0074: the part of the department that made the examination.
_SECTIONS = {
    "MR": ("NMR", "Nuclear Magnetic Resonance"),
    "CT": ("CT", "CAT Scan"),
    "PT": ("NMS", "Nuclear Medicine Scan"),
}


def rows(block: Block) -> Iterator[Rows]:
    """Give the reports of a block."""
    studies, episodes, readings = block.studies, block.episodes, block.readings
    count, rank = len(studies), np.arange(len(studies))
    yield Rows(
        "diagnostic_report_imaging",
        count,
        {
            "id": block.ids("imgrep", rank),
            "order": block.ids("imgorder", rank),
            "study": block.ids("img", rank),
            "section": Coded(studies.modality, [_SECTIONS[one][0] for one in MODALITIES]),
            "section_label": Coded(studies.modality, [_SECTIONS[one][1] for one in MODALITIES]),
            "act": Coded(studies.act, [act["ccam"] for act in ACTS]),
            "act_label": Coded(studies.act, [act["libelle"] for act in ACTS]),
            "patient": block.patient_ids(episodes.person[studies.episode]),
            "encounter": block.ids("enc", studies.episode),
            "effective": stamps(studies.started),
            "issued": stamps(readings.issued),
            "department": Coded(readings.department, [unit["id"] for unit in UNITS]),
            "radiologist": block.practitioner_ids(readings.reader),
            "conclusion": Coded(readings.conclusion, [row["conclusion"] for row in CONCLUSIONS]),
        },
    )


KIND = Kind("DiagnosticReport", order=96, family="imaging", of_block=rows)
