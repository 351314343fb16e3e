"""Measure the release and its controls."""

from dataclasses import replace

import numpy as np

from synthetic_data.augmentation.candidates import Candidates
from synthetic_data.augmentation.measures.encoding import Encoding
from synthetic_data.augmentation.measures.fidelity import Fidelity, fidelity
from synthetic_data.augmentation.measures.privacy import Privacy, privacy
from synthetic_data.augmentation.measures.usefulness import Target
from synthetic_data.augmentation.streams import stream
from synthetic_data.augmentation.verdict.figures import NAMES, Figures, Name


def measured(candidates: Candidates, encoding: Encoding, target: Target, seed: int) -> Figures:
    """Measure each candidate against the held-out patients; the same attacker's dice for all."""
    faithful: dict[Name, Fidelity] = {}
    private: dict[Name, Privacy] = {}
    for name in NAMES:
        candidate = getattr(candidates, name)
        faithful[name] = fidelity(
            encoding, target, candidate.rows, candidates.held_out, stream(seed, "discriminator")
        )
        if candidate.trials is not None:
            private[name] = privacy(candidate.trials, stream(seed, "attacks"))
    # However many rows are measured, copies are looked for in all of those released.
    copies = int(np.isin(candidates.released.row_keys(), candidates.learned.row_keys()).sum())
    private["augmented"] = replace(private["augmented"], copies=copies)
    return Figures(len(candidates.learned) + len(candidates.held_out), faithful, private)
