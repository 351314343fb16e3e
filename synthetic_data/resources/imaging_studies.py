"""ImagingStudy resources: MRI, CT and PET; a PET study carries its CT too."""

from collections.abc import Iterator

import numpy as np

from synthetic_data.facts.block import Block
from synthetic_data.facts.chance import Dice
from synthetic_data.facts.clock import stamps
from synthetic_data.facts.diagnoses import CODES, LABELS
from synthetic_data.facts.studies import ACTS, MODALITIES
from synthetic_data.resources.kind import Kind
from synthetic_data.templating.columns import Coded, Ints, Plain, Rows, integers, joined, texts
from synthetic_data.templating.fill import fill

_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_PET = MODALITIES.index("PT")
_CT = MODALITIES.index("CT")
_SLICES = np.array([(20, 180), (80, 600), (200, 400)])  # fewest and most images of a series, by modality


def rows(block: Block) -> Iterator[Rows]:
    """Give the studies of a block."""
    studies, episodes, rng = block.studies, block.episodes, block.dice("imaging")
    count = len(studies)
    hybrid = studies.modality == _PET
    series_count = np.where(hybrid, 2, rng.integers(1, 4, count))
    starts = np.concatenate([[0], np.cumsum(series_count)])
    study = np.repeat(np.arange(count), series_count)
    rank = np.arange(len(study)) - starts[study]
    modality = np.where(hybrid[study] & (rank == 0), _CT, studies.modality[study])
    fewest, most = _SLICES[modality].T
    images = fewest + (rng.random(len(study)) * (most - fewest + 1)).astype(np.int64)
    series = Rows(
        "imaging_series",
        len(study),
        {
            "uid": _uids(rng, len(study)),
            "number": integers(rank + 1),
            "modality": Coded(modality, MODALITIES),
            "region": Coded(studies.act[study], [act["region"] for act in ACTS]),
            "instances": integers(images),
            "started": stamps(studies.started[study]),
        },
    )
    act, diagnosis = studies.act, episodes.diagnosis[studies.episode]
    yield Rows(
        "imaging_study",
        count,
        {
            "id": block.ids("img", np.arange(count)),
            "uid": _uids(rng, count),
            "modalities": Coded(studies.modality, [_modalities(one) for one in MODALITIES]),
            "patient": block.patient_ids(episodes.person[studies.episode]),
            "encounter": block.ids("enc", studies.episode),
            "started": stamps(studies.started),
            "order": block.ids("imgorder", np.arange(count)),
            "series_count": integers(series_count),
            "instance_count": integers(np.add.reduceat(images, starts[:-1]) if count else images),
            "act": Coded(act, [one["ccam"] for one in ACTS]),
            "act_label": Coded(act, [one["libelle"] for one in ACTS]),
            "diagnosis": Coded(diagnosis, CODES),
            "diagnosis_label": Coded(diagnosis, LABELS),
            "series": joined(Plain(fill(series), text=False), starts),
        },
    )


def _modalities(modality: str) -> list[dict[str, str]]:
    codes = ("CT", "PT") if modality == "PT" else (modality,)
    return [{"system": _DICOM, "code": code} for code in codes]


def _uids(rng: Dice, count: int) -> Plain:
    """Draw DICOM UIDs under the UUID arc (DICOM PS3.5 B.2), which needs no registration."""
    halves: Ints = rng.integers(0, 2**63, (count, 2))
    return texts(f"2.25.{(int(high) << 64) + int(low)}" for high, low in halves)


KIND = Kind("ImagingStudy", order=90, of_block=rows)
