"""What documents say: a letter for each diagnosis (table courriers.csv), a text for each imaging conclusion.

The texts are few and hold nothing that names a person.
"""

import base64
from dataclasses import dataclass
from functools import cache

from synthetic_data.facts.diagnoses import CODES, LABELS
from synthetic_data.facts.readings import CONCLUSIONS
from synthetic_data.facts.studies import ACTS
from synthetic_data.tables import table

_HEADING = "CHU de Toulouse (données synthétiques)"
_DEATH = "Évolution défavorable malgré la prise en charge. Le patient est décédé au cours du séjour."


@dataclass(frozen=True, slots=True)
class Text:
    """A text as attachments carry it: in base64, with its size in bytes before that."""

    data: str
    size: int


@cache
def letter(diagnosis: int, died: bool) -> Text:  # noqa: FBT001 - the key of a table of texts
    """Give the letter at the end of a stay."""
    row = _said(CODES[diagnosis])
    outcome = _DEATH if died else f"Suites : {row['suites']}"
    return _text(
        [
            _HEADING,
            "COMPTE RENDU D'HOSPITALISATION",
            "",
            f"Motif et diagnostic principal : {LABELS[diagnosis]} ({CODES[diagnosis]}).",
            f"Prise en charge : {row['prise_en_charge']}",
            outcome,
        ]
    )


@cache
def imaging_text(act: int, diagnosis: int, conclusion: int) -> Text:
    """Give the report of an examination."""
    return _text(
        [
            _HEADING,
            "COMPTE RENDU D'IMAGERIE MÉDICALE",
            "",
            f"Examen : {ACTS[act]['libelle']} ({ACTS[act]['ccam']}).",
            f"Indication : {LABELS[diagnosis]}.",
            f"Conclusion : {CONCLUSIONS[conclusion]['conclusion']}",
        ]
    )


def _said(code: str) -> dict[str, str]:
    """Give the row of courriers.csv whose CIM-10 prefix fits best."""
    fitting = [
        (len(prefix), row)
        for row in table("courriers")
        for prefix in row["cim10"].replace("*", "").split() or [""]
        if code.startswith(prefix)
    ]
    return max(fitting, key=lambda pair: pair[0])[1]


def _text(lines: list[str]) -> Text:
    encoded = ("\n".join(lines) + "\n").encode()
    return Text(base64.b64encode(encoded).decode("ascii"), len(encoded))
