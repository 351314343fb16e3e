"""Make what is compared: the artificial rows and their three controls.

The cohort is shared at random between a half that is learned from and a half that is held out. The rows
released are fitted on the learned half alone: every figure is then measured on the very file that is
released, against patients it cannot know. (Fitting on all patients would be a little more faithful, but no
patient would be left to say what chance gives.) A mirror, fitted on the other half and never released, serves
privacy measures only.
"""

from dataclasses import dataclass, replace

import numpy as np

from synthetic_data.augmentation.measures.encoding import Encoding
from synthetic_data.augmentation.measures.trial import Trial
from synthetic_data.augmentation.model.copula import Copula, fit_copula
from synthetic_data.augmentation.model.draw import draw
from synthetic_data.augmentation.streams import stream
from synthetic_data.augmentation.table import Table, halves

MEASURED = 10_000  # rows measured; rows are exchangeable, so the first ones speak for all


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """Rows to compare with the held-out patients, and the two trials of their privacy (None: not tried)."""

    rows: Table
    trials: tuple[Trial, Trial] | None


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """What is released and what it is compared with."""

    augmented: Candidate
    bootstrap: Candidate  # negative control of privacy: patients themselves, drawn with replacement
    shuffled: Candidate  # negative control of fidelity: each column of the patients shuffled on its own
    truth: Candidate  # positive control: other patients
    learned: Table
    held_out: Table
    released: Table
    redrawn: int
    copula: Copula


def candidates_of(patients: Table, encoding: Encoding, rows: int, seed: int) -> Candidates:
    """Split the cohort, fit, draw `rows` artificial patients and make the controls."""
    learned, held_out = halves(patients, stream(seed, "halves"))
    copula = fit_copula(learned)
    drawn = draw(copula, rows, learned, seed, "released")
    measured = min(rows, MEASURED)
    mirror = draw(fit_copula(held_out), measured, held_out, seed, "mirror").table

    def both(first: Table, second: Table) -> tuple[Trial, Trial]:
        return (
            Trial(encoding, learned, held_out, first, learned),
            Trial(encoding, held_out, learned, second, held_out),
        )

    rng = stream(seed, "controls")
    copies = (_bootstrap(learned, measured, rng), _bootstrap(held_out, measured, rng))
    sample = drawn.table.take(np.arange(measured))
    return Candidates(
        augmented=Candidate(sample, both(sample, mirror)),
        bootstrap=Candidate(copies[0], both(*copies)),
        shuffled=Candidate(shuffled(_bootstrap(learned, measured, rng), rng), None),
        truth=Candidate(
            learned, (_other(held_out, learned, encoding, rng), _other(learned, held_out, encoding, rng))
        ),
        learned=learned,
        held_out=held_out,
        released=drawn.table,
        redrawn=drawn.redrawn,
        copula=copula,
    )


def _bootstrap(patients: Table, rows: int, rng: np.random.Generator) -> Table:
    return patients.take(rng.integers(len(patients), size=rows))


def shuffled(table: Table, rng: np.random.Generator) -> Table:
    """Shuffle each column on its own: same columns, no dependence."""
    return replace(table, cells=rng.permuted(table.cells, axis=0))


def _other(rows: Table, near: Table, encoding: Encoding, rng: np.random.Generator) -> Trial:
    """Release real patients before others, of whom a random half are called members: no attack can work."""
    members, outsiders = halves(near, rng)
    return Trial(encoding, members, outsiders, rows, near)
