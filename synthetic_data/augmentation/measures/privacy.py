"""Gather the privacy figures of a candidate over its two trials."""

from dataclasses import dataclass

import numpy as np

from synthetic_data.augmentation.measures.closeness import closeness
from synthetic_data.augmentation.measures.exposure import exposure
from synthetic_data.augmentation.measures.inference import inference_risks
from synthetic_data.augmentation.measures.linkability import linkability_risk
from synthetic_data.augmentation.measures.singling_out import singling_out_risk
from synthetic_data.augmentation.measures.trial import Trial


@dataclass(frozen=True, slots=True)
class Privacy:
    """Figures of `closeness`, `exposure` and the three attacks; `inference` is the worst column."""

    copies: int
    dcr: float
    nndr: float
    dcr_low: float
    nndr_low: float
    share: float
    advantage: float
    hidden: float
    hidden_outsiders: float
    cloaking: float
    singling_out: float
    linkability: float
    inference: float


def privacy(trials: tuple[Trial, Trial], rng: np.random.Generator) -> Privacy:
    """Measure a release and its mirror, in which members and outsiders changed places; give the means.

    One split alone would mostly measure chance: a patient in a crowded place attracts rows whether a member
    or not. The mirror counts the same patient on the other side, so that what is left is due to membership.
    """
    near = [closeness(trial) for trial in trials]
    seen = [exposure(trial) for trial in trials]

    def mean(*values: float) -> float:
        return float(np.mean(values))

    return Privacy(
        copies=near[0].copies,  # of the release itself: its mirror is never seen
        dcr=mean(*(one.dcr for one in near)),
        nndr=mean(*(one.nndr for one in near)),
        dcr_low=mean(*(one.dcr_low for one in near)),
        nndr_low=mean(*(one.nndr_low for one in near)),
        share=mean(*(one.share for one in near)),
        advantage=mean(*(one.advantage for one in seen)),
        hidden=mean(*(one.hidden for one in seen)),
        hidden_outsiders=mean(*(one.hidden_outsiders for one in seen)),
        cloaking=mean(*(one.cloaking for one in seen)),
        singling_out=mean(*(singling_out_risk(trial, rng) for trial in trials)),
        linkability=mean(*(linkability_risk(trial) for trial in trials)),
        inference=float(np.mean([inference_risks(trial) for trial in trials], axis=0).max()),
    )
