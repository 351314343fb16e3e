"""The document of an augmentation: everything that is printed or written about it."""

from dataclasses import dataclass

import numpy as np

from synthetic_data.augmentation.candidates import Candidates
from synthetic_data.augmentation.measures.usefulness import Target
from synthetic_data.augmentation.model.copula import ColumnLaw
from synthetic_data.augmentation.model.kept_levels import KeptLevels
from synthetic_data.augmentation.reading.cohort import Cohort
from synthetic_data.augmentation.refusal import Sentence
from synthetic_data.augmentation.verdict.criteria import FIDELITY, PRIVACY, Criterion
from synthetic_data.augmentation.verdict.figures import NAMES, Figures, Name
from synthetic_data.augmentation.verdict.judge import Verdict

METHOD = "gaussian-copula/1"


@dataclass(frozen=True, slots=True)
class Line:
    """One measure of all candidates; `holds` is None for a candidate (or a measure) that is not judged."""

    key: str
    label: Sentence
    bar: str
    values: dict[Name, float]
    holds: dict[Name, bool | None]


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """One column: its gap (`measure`: KS or TV) to held-out patients, and that of the learned ones."""

    name: str
    kind: str
    inferred: bool
    measure: str
    gap: float
    truth_gap: float
    wasserstein: float | None
    cramers_v: float | None
    missing_gap: float
    pooled: tuple[str, ...]
    suppressed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Facts, columns, fidelity and privacy lines, verdict."""

    method: str
    seed: int
    patients: int
    learned: int
    held_out: int
    rows: int
    redrawn: int
    target: str
    smallest_eigenvalue: float
    columns: tuple[ColumnLine, ...]
    fidelity: tuple[Line, ...]
    privacy: tuple[Line, ...]
    privacy_holds: bool
    fidelity_holds: bool
    conclusive: bool
    exit_code: int
    verdict: Sentence


def report_of(
    cohort: Cohort, candidates: Candidates, figures: Figures, verdict: Verdict, target: Target, seed: int
) -> Report:
    """Gather what was done and measured."""
    estimated = candidates.copula.estimated
    return Report(
        method=METHOD,
        seed=seed,
        patients=len(cohort.table),
        learned=len(candidates.learned),
        held_out=len(candidates.held_out),
        rows=len(candidates.released),
        redrawn=candidates.redrawn,
        target=target.label,
        smallest_eigenvalue=float(np.linalg.eigvalsh(estimated).min()) if len(estimated) else 1.0,
        columns=_columns(cohort, candidates, figures),
        fidelity=tuple(_line(one, figures, NAMES) for one in FIDELITY),
        privacy=(*(_line(one, figures, tuple(figures.privacy)) for one in PRIVACY), _cloaking(figures)),
        privacy_holds=verdict.privacy_holds,
        fidelity_holds=verdict.fidelity_holds,
        conclusive=verdict.conclusive,
        exit_code=verdict.exit_code,
        verdict=verdict.sentence,
    )


def _line(criterion: Criterion, figures: Figures, names: tuple[Name, ...]) -> Line:
    sign = "≤" if criterion.at_most else "≥"
    return Line(
        criterion.key,
        criterion.label,
        f"{sign} {criterion.bar_for(figures, 'augmented'):.3g}",
        {name: criterion.value(figures, name) for name in names},
        {name: criterion.holds(figures, name) for name in names},
    )


def _cloaking(figures: Figures) -> Line:
    label = Sentence("Camouflage local (médiane)", "Local cloaking (median)")
    values = {name: one.cloaking for name, one in figures.privacy.items()}
    return Line("local_cloaking", label, "", values, dict.fromkeys(values))


def _columns(cohort: Cohort, candidates: Candidates, figures: Figures) -> tuple[ColumnLine, ...]:
    lines = []
    for law, gap, truth in zip(
        candidates.copula.laws,
        figures.fidelity["augmented"].columns,
        figures.fidelity["truth"].columns,
        strict=True,
    ):
        pooled, suppressed = _left_out(law)
        lines.append(
            ColumnLine(
                name=gap.name,
                kind=law.column.kind,
                inferred=gap.name in cohort.inferred,
                measure=gap.measure,
                gap=gap.gap,
                truth_gap=truth.gap,
                wasserstein=gap.wasserstein,
                cramers_v=gap.cramers_v,
                missing_gap=gap.missing,
                pooled=pooled,
                suppressed=suppressed,
            )
        )
    return tuple(lines)


def _left_out(law: ColumnLaw) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the texts of the levels pooled and of those never written."""
    if not isinstance(law.law, KeptLevels):
        return (), ()
    levels = law.column.levels
    return tuple(levels[rank] for rank in law.law.pooled), tuple(levels[rank] for rank in law.law.dropped)
