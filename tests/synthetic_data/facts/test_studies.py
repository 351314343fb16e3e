"""Imaging: exact counts for each modality, inside the encounter, for whom it makes sense."""

import numpy as np
import pytest

from synthetic_data import HospitalPlan
from synthetic_data.facts.block import Block
from synthetic_data.facts.people import FEMALE
from synthetic_data.facts.studies import ACTS, MODALITIES
from synthetic_data.facts.volumes import share, totals

QUANTITIES = {"MR": "irm", "CT": "scanner", "PT": "tep"}


def test_each_modality_has_its_exact_share_in_each_block(blocks):
    for block in blocks:
        for modality, quantity in QUANTITIES.items():
            found = (block.studies.modality == MODALITIES.index(modality)).sum()
            assert found == share(quantity, block.plan.patients, block.number)
    whole = sum(len(block.studies) for block in blocks)
    assert whole == sum(totals(4500)[quantity] for quantity in QUANTITIES.values())


@pytest.mark.parametrize("patients", [1, 2, 37, 449, 450])
def test_small_hospitals_are_exact_too(patients):
    block = Block(HospitalPlan(seed=3, patients=patients), 0)
    for modality, quantity in QUANTITIES.items():
        found = (block.studies.modality == MODALITIES.index(modality)).sum()
        assert found == totals(patients)[quantity]


def test_studies_are_inside_their_encounter_and_of_the_modality_of_their_act(blocks):
    for block in blocks:
        studies, episodes = block.studies, block.episodes
        until = np.minimum(episodes.end, block.plan.now_minute)[studies.episode]
        assert (studies.started >= episodes.start[studies.episode]).all()
        assert (studies.started <= until).all()
        modalities = np.array([row["modalite"] for row in ACTS])
        assert (modalities[studies.act] == np.array(MODALITIES)[studies.modality]).all()


def test_pet_is_for_cancer_and_breast_mri_for_women(blocks):
    breast = next(rank for rank, row in enumerate(ACTS) if row["ccam"] == "QEQJ001")
    for block in blocks:
        person = block.episodes.person[block.studies.episode]
        pet = block.studies.modality == MODALITIES.index("PT")
        assert pet.sum() > 0
        assert block.people.health.state("cancer")[person[pet]].all()
        assert (block.people.sex[person[block.studies.act == breast]] == FEMALE).all()


def test_indications_decide(blocks):
    """An examination is far more frequent for its indications than chance would make it."""
    for rank, act in enumerate(ACTS):
        prefixes = tuple(act["indications"].split())
        made = expected = 0.0
        for block in blocks:
            codes = np.array([code.startswith(prefixes) for code in _codes(block)])
            rows = block.studies.act == rank
            made += codes[block.studies.episode[rows]].sum()
            expected += rows.sum() * codes.mean()
        if expected > 5:
            assert made > 2 * expected, act["libelle"]


def _codes(block):
    from synthetic_data.facts.diagnoses import CODES  # noqa: PLC0415

    return np.array(CODES)[block.episodes.diagnosis]
