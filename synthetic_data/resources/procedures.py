"""Procedure resources: acts done during encounters, coded with the CCAM when its code is sure."""

from collections.abc import Iterator

import numpy as np

from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import stamps
from synthetic_data.facts.diagnoses import CODES, LABELS
from synthetic_data.facts.procedures import ACTS
from synthetic_data.facts.units import UNITS
from synthetic_data.resources.kind import Kind
from synthetic_data.templating.columns import Coded, Rows

# SNOMED CT codes of the R4 value set procedure-category, with a French text; obstetrics has none there.
_CATEGORIES = {
    "diagnostic": ("103693007", "Diagnostic procedure", "Acte diagnostique"),
    "chirurgie": ("387713003", "Surgical procedure", "Acte chirurgical"),
    "therapeutique": (None, None, "Acte thérapeutique"),
    "obstetrique": (None, None, "Acte obstétrical"),
}


def rows(block: Block) -> Iterator[Rows]:
    """Give the procedures of a block."""
    done, episodes = block.procedures, block.episodes
    diagnosis = episodes.diagnosis[done.episode]
    categories = [_CATEGORIES[act["categorie"]] for act in ACTS]
    yield Rows(
        "procedure",
        len(done),
        {
            "id": block.ids("proc", np.arange(len(done))),
            "category": Coded(done.act, [code for code, _, _ in categories]),
            "category_label": Coded(done.act, [label for _, label, _ in categories]),
            "category_text": Coded(done.act, [text for _, _, text in categories]),
            "act": Coded(done.act, [act["ccam"] or None for act in ACTS]),
            "act_label": Coded(done.act, [act["libelle"] for act in ACTS]),
            "patient": block.patient_ids(episodes.person[done.episode]),
            "encounter": block.ids("enc", done.episode),
            "start": stamps(done.start),
            "end": stamps(done.end),
            "practitioner": block.practitioner_ids(block.doctors[done.episode]),
            "unit": Coded(episodes.unit[done.episode], [unit["id"] for unit in UNITS]),
            "diagnosis": Coded(diagnosis, CODES),
            "diagnosis_label": Coded(diagnosis, LABELS),
        },
    )


KIND = Kind("Procedure", order=78, of_block=rows)
