"""The words of the report that are not criteria, in both languages."""

from typing import Literal

from synthetic_data.augmentation.refusal import Sentence
from synthetic_data.augmentation.verdict.figures import Name

Language = Literal["fr", "en"]

CANDIDATES: dict[Name, Sentence] = {
    "augmented": Sentence("augmenté", "augmented"),
    "bootstrap": Sentence("recopié (témoin négatif)", "bootstrap (negative control)"),
    "shuffled": Sentence("mélangé (témoin négatif)", "shuffled (negative control)"),
    "truth": Sentence("vrais patients (témoin positif)", "real patients (positive control)"),
}
TITLE = Sentence("Cohorte augmentée", "Augmented cohort")
FIDELITY = Sentence("Fidélité, face aux patients mis de côté", "Fidelity, against held-out patients")
PRIVACY = Sentence(
    "Confidentialité, critères de la CNIL et du G29 (moyenne des deux sens)",
    "Privacy, criteria of the CNIL and WP29 (mean of both directions)",
)
COLUMNS = Sentence(
    "Colonne par colonne, face aux patients mis de côté", "Column by column, against held-out patients"
)
MEASURE = Sentence("mesure", "measure")
BAR = Sentence("seuil", "bar")
COLUMN = Sentence("colonne", "column")
TYPE = Sentence("type", "kind")
INFERRED = Sentence("déduit", "inferred")
MISSING = Sentence("manquants", "missing")
INFORMATION = Sentence("information", "information")
DCR_BOUND = Sentence(
    "Le seuil de DCR et de NNDR est la borne basse à 95 % de ceux de vrais patients jamais vus.",
    "The bar of DCR and NNDR is the lower 95 % bound of those of real patients never seen.",
)
LIMITS = (
    Sentence(
        "Les lignes publiées sont apprises sur la moitié des patients ; l'autre moitié n'a servi qu'à "
        "mesurer. Un miroir (appris sur l'autre moitié, jamais publié) compense le hasard du partage.",
        "The rows released are learned from half of the patients; the other half was only measured with. A "
        "mirror (learned from the other half, never released) makes up for the chance of the split.",
    ),
    DCR_BOUND,
    Sentence(
        "Le témoin positif compte peu de lignes : ses seuils de confidentialité sont élargis du hasard "
        "correspondant.",
        "The positive control has few rows: its privacy bars are widened by the chance that goes with it.",
    ),
    Sentence(
        "Une ligne n'a pas d'original : taux de cachés et camouflage local sont mesurés sur la ligne la "
        "plus proche de chaque patient, et comparés aux patients mis de côté.",
        "A row has no original: hidden rate and local cloaking are measured on the row nearest to each "
        "patient, and compared with held-out patients.",
    ),
    Sentence(
        "Limites : une table, une ligne par patient ; dépendances monotones ; ces attaques ne sont pas "
        "toutes les attaques ; ce rapport n'est pas une preuve d'anonymat au sens juridique.",
        "Limits: one table, one row per patient; monotone dependence; these attacks are not all attacks; "
        "this report is no legal proof of anonymity.",
    ),
)


def said(sentence: Sentence, language: Language) -> str:
    """Give the sentence in one language."""
    return sentence.en if language == "en" else sentence.fr
