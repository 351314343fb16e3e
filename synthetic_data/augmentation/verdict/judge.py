"""Judge the release, after the controls have shown that the measurement can tell good from bad."""

from dataclasses import dataclass

from synthetic_data.augmentation.refusal import Sentence
from synthetic_data.augmentation.verdict.criteria import FIDELITY, PRIVACY, Criterion
from synthetic_data.augmentation.verdict.figures import Figures, Name


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the figures say. `surprises` are the controls that did not come out as they must."""

    privacy_holds: bool
    fidelity_holds: bool
    surprises: tuple[Sentence, ...]
    failed: tuple[Criterion, ...]

    @property
    def conclusive(self) -> bool:
        """Tell whether the controls allow a conclusion."""
        return not self.surprises

    @property
    def exit_code(self) -> int:
        """Give 0 when both hold, 1 when one does not, 3 when nothing can be concluded."""
        return 3 if not self.conclusive else 0 if self.privacy_holds and self.fidelity_holds else 1

    @property
    def sentence(self) -> Sentence:
        """Say it in one sentence."""
        if not self.conclusive:
            return Sentence(
                "La mesure ne permet pas de conclure : " + " ; ".join(one.fr for one in self.surprises) + ".",
                "The measurement cannot conclude: " + "; ".join(one.en for one in self.surprises) + ".",
            )
        fr_not, en_not = ("ne tient pas", "does not hold")
        return Sentence(
            f"La confidentialité {'tient' if self.privacy_holds else fr_not} ; "
            f"la fidélité {'tient' if self.fidelity_holds else fr_not}.",
            f"Privacy {'holds' if self.privacy_holds else en_not}; "
            f"fidelity {'holds' if self.fidelity_holds else en_not}.",
        )


def judge(figures: Figures) -> Verdict:
    """Apply every criterion to the release and to the controls."""
    surprises: list[Sentence] = []
    if not _missed(PRIVACY, figures, "bootstrap"):
        surprises.append(
            Sentence(
                "le témoin négatif (patients recopiés) passe pour confidentiel",
                "the negative control (copied patients) passes for private",
            )
        )
    if not _missed(FIDELITY, figures, "shuffled"):
        surprises.append(
            Sentence(
                "le témoin négatif (colonnes mélangées) passe pour fidèle : trop peu de patients ou "
                "de dépendance",
                "the negative control (shuffled columns) passes for faithful: too few patients or dependence",
            )
        )
    missed = (*_missed(FIDELITY, figures, "truth"), *_missed(PRIVACY, figures, "truth"))
    if missed:
        fr, en = (", ".join(one.label.fr for one in missed), ", ".join(one.label.en for one in missed))
        surprises.append(
            Sentence(
                f"le témoin positif (d'autres vrais patients) échoue : {fr}",
                f"the positive control (other real patients) fails: {en}",
            )
        )
    unfaithful, exposed = _missed(FIDELITY, figures, "augmented"), _missed(PRIVACY, figures, "augmented")
    return Verdict(not exposed, not unfaithful, tuple(surprises), (*unfaithful, *exposed))


def _missed(criteria: tuple[Criterion, ...], figures: Figures, name: Name) -> tuple[Criterion, ...]:
    return tuple(criterion for criterion in criteria if not criterion.holds(figures, name))
