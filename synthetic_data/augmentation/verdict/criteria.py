"""The thresholds of an augmentation, one criterion each: what is read, its bar, its sense, why it is fair."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from synthetic_data.augmentation.refusal import Sentence
from synthetic_data.augmentation.verdict.figures import Figures, Name

Side = Literal["fidelity", "privacy"]
Read = Callable[[Figures, Name], float]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One threshold: `value` must be at most (at least) `bar`, with a tolerance for rounding only.

    `slack` is what chance adds for the positive control, a few real patients instead of thousands of rows: it
    is divided by the square root of the cohort and replaces nothing for the other candidates. `alike` is the
    share of the cohort that it may count too: of some real patients so little is known that they coincide.
    """

    key: str
    side: Side
    label: Sentence
    at_most: bool
    value: Read
    bar: Callable[[Figures], float]
    slack: float = 0.0
    alike: float = 0.0

    def bar_for(self, figures: Figures, name: Name) -> float:
        """Give the bar of a candidate, widened by chance for the positive control."""
        chance = 0.0
        if name == "truth":
            chance = self.slack / figures.patients**0.5 + self.alike * figures.patients
        return self.bar(figures) + (chance if self.at_most else -chance)

    def holds(self, figures: Figures, name: Name) -> bool:
        """Tell whether the candidate meets the bar; a figure that is not a number does not."""
        value, bar = self.value(figures, name), self.bar_for(figures, name)
        return value <= bar + _ROUNDING if self.at_most else value >= bar - _ROUNDING


_ROUNDING = 1e-9


_REAL: tuple[Name, ...] = (
    "truth",
    "bootstrap",
)  # the same patients, as they are and repeated to as many rows


def _fidelity(field: str) -> Read:
    return lambda figures, name: float(getattr(figures.fidelity[name], field))


def _privacy(field: str) -> Read:
    return lambda figures, name: float(getattr(figures.privacy[name], field))


def _times_truth(field: str, factor: float, plus: float) -> Callable[[Figures], float]:
    return lambda figures: factor * float(getattr(figures.fidelity["truth"], field)) + plus


def _at(bar: float) -> Callable[[Figures], float]:
    return lambda _: bar


FIDELITY = (
    Criterion(
        "column_gap_mean",
        "fidelity",
        Sentence("Écart par colonne (KS ou TV), moyen", "Gap by column (KS or TV), mean"),
        at_most=True,
        value=_fidelity("mean_gap"),
        bar=_times_truth("mean_gap", 1.25, 0.01),
    ),
    Criterion(
        "column_gap_max",
        "fidelity",
        Sentence("Écart par colonne (KS ou TV), maximal", "Gap by column (KS or TV), largest"),
        at_most=True,
        value=_fidelity("largest_gap"),
        bar=_times_truth("largest_gap", 1.5, 0.02),
    ),
    Criterion(
        "missing_gap",
        "fidelity",
        Sentence("Écart des taux de données manquantes, maximal", "Gap of missing shares, largest"),
        at_most=True,
        value=_fidelity("missing_gap"),
        bar=_times_truth("missing_gap", 1.5, 0.02),
    ),
    Criterion(
        "correlation_mean",
        "fidelity",
        Sentence("Erreur de corrélation, moyenne", "Correlation error, mean"),
        at_most=True,
        value=_fidelity("correlation_mean"),
        bar=_times_truth("correlation_mean", 1.25, 0.01),
    ),
    Criterion(
        "correlation_max",
        "fidelity",
        Sentence("Erreur de corrélation, maximale", "Correlation error, largest"),
        at_most=True,
        value=_fidelity("correlation_largest"),
        bar=_times_truth("correlation_largest", 1.5, 0.05),
    ),
    # The bootstrap reproduces the learned half perfectly: what tells it from other patients is the chance of
    # the split, which no release made from that half can escape.
    Criterion(
        "discriminator_auc",
        "fidelity",
        Sentence("AUC du discriminateur (0,5 = indiscernable)", "Discriminator AUC (0.5 = cannot be told)"),
        at_most=True,
        value=_fidelity("discriminator"),
        bar=lambda figures: max(0.6, figures.fidelity["bootstrap"].discriminator + 0.08),
        slack=2.0,
    ),
    Criterion(
        "tstr_auc",
        "fidelity",
        Sentence(
            "AUC apprise sur ces lignes, testée sur patients", "AUC trained on these rows, tested on patients"
        ),
        at_most=False,
        value=_fidelity("usefulness"),
        bar=lambda figures: min(figures.fidelity[name].usefulness for name in _REAL) - 0.05,
    ),
)

PRIVACY = (
    Criterion(
        "exact_copies",
        "privacy",
        Sentence("Copies exactes d'un patient appris", "Exact copies of a learned patient"),
        at_most=True,
        value=_privacy("copies"),
        bar=_at(0.0),
        alike=0.02,
    ),
    Criterion(
        "dcr_p5",
        "privacy",
        Sentence("DCR p5 (distance au plus proche patient)", "DCR p5 (distance to closest record)"),
        at_most=False,
        value=_privacy("dcr"),
        bar=lambda figures: figures.privacy["truth"].dcr_low,
    ),
    Criterion(
        "nndr_p5",
        "privacy",
        Sentence("NNDR p5 (rapport au deuxième plus proche)", "NNDR p5 (ratio to second closest)"),
        at_most=False,
        value=_privacy("nndr"),
        bar=lambda figures: figures.privacy["truth"].nndr_low,
    ),
    Criterion(
        "closer_to_train_max",
        "privacy",
        Sentence("Part plus proche des appris que des témoins", "Share closer to learned than held out"),
        at_most=True,
        value=_privacy("share"),
        bar=_at(0.55),
        slack=1.0,
    ),
    Criterion(
        "closer_to_train_min",
        "privacy",
        Sentence("… et pas anormalement loin d'eux", "... and not abnormally far from them"),
        at_most=False,
        value=_privacy("share"),
        bar=_at(0.45),
        slack=1.0,
    ),
    Criterion(
        "membership_advantage",
        "privacy",
        Sentence("Avantage d'inférence d'appartenance", "Membership-inference advantage"),
        at_most=True,
        value=_privacy("advantage"),
        bar=_at(0.1),
        slack=2.0,
    ),
    Criterion(
        "hidden_rate_gap",
        "privacy",
        Sentence("Taux de cachés : appris moins témoins", "Hidden rate: learned minus held out"),
        at_most=False,
        value=lambda figures, name: figures.privacy[name].hidden - figures.privacy[name].hidden_outsiders,
        bar=_at(-0.1),
        slack=2.0,
    ),
    Criterion(
        "singling_out",
        "privacy",
        Sentence("G29 individualisation (excès de risque)", "WP29 singling out (excess risk)"),
        at_most=True,
        value=_privacy("singling_out"),
        bar=_at(0.1),
        slack=2.0,
    ),
    Criterion(
        "linkability",
        "privacy",
        Sentence("G29 corrélation (excès de risque)", "WP29 linkability (excess risk)"),
        at_most=True,
        value=_privacy("linkability"),
        bar=_at(0.1),
        slack=2.0,
    ),
    Criterion(
        "inference",
        "privacy",
        Sentence(
            "G29 inférence (pire colonne, écart de réussite)", "WP29 inference (worst column, success gap)"
        ),
        at_most=True,
        value=_privacy("inference"),
        bar=_at(0.1),
        slack=2.5,
    ),
)
