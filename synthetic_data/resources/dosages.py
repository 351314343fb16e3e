"""The columns that say which medicine is given, by which route and how much, for each habit of the table."""

from dataclasses import replace
from functools import cache

import numpy as np

from synthetic_data.facts.formulary import MEDICINES, Habit, habits
from synthetic_data.facts.prescriptions import WITH_NIGHTS
from synthetic_data.resources.medications import medication_id, medication_name
from synthetic_data.templating.columns import Coded, Column, Ints

# SNOMED CT routes; the French text is that of the table.
_ROUTES = {
    "orale": ("26643006", "Oral route"),
    "intraveineuse": ("47625008", "Intravenous route"),
    "sous-cutanée": ("34206005", "Subcutaneous route"),
    "intramusculaire": ("78421000", "Intramuscular route"),
    "inhalée": ("447694001", "Respiratory tract route"),
    "sublinguale": ("37839007", "Sublingual route"),
    "intravitréenne": ("418401004", "Intravitreal route"),
    "ophtalmique": ("54485002", "Ophthalmic route"),
    "cutanée": ("6064005", "Topical route"),
    "transdermique": ("45890007", "Transdermal route"),
}


@cache
def dosings() -> tuple[Habit, ...]:
    """Give the habits, then the same as written in a stay: a long-term one lasts as the stay does."""
    return (*habits(), *(replace(one, days=None) if one.long_term else one for one in habits()))


def dosing(habit: Ints, venue: Ints) -> Ints:
    """Give the rank in `dosings` of prescriptions."""
    return np.where(venue == WITH_NIGHTS, habit + len(habits()), habit)


def dosages(habit: Ints) -> dict[str, Column]:
    """Give the columns of rows by rank in `dosings`; all depend on it alone."""
    known = dosings()
    medicines = [MEDICINES[one.medicine] for one in known]
    routes = [_ROUTES[row["voie"]] for row in medicines]
    return {
        "medication": Coded(habit, [medication_id(row) for row in medicines]),
        "medication_label": Coded(habit, [medication_name(row) for row in medicines]),
        "dosage": Coded(habit, [one.text for one in known]),
        "route": Coded(habit, [code for code, _ in routes]),
        "route_label": Coded(habit, [label for _, label in routes]),
        "route_text": Coded(habit, [f"voie {row['voie']}" for row in medicines]),
        "dose": Coded(habit, [one.dose_number for one in known]),
        "dose_unit": Coded(habit, [one.dose_unit for one in known]),
        "dose_ucum": Coded(habit, [one.ucum for one in known]),
    }
