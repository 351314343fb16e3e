"""The medicines of the hospital and its habits of prescription (tables medicaments and prescriptions)."""

from dataclasses import dataclass
from functools import cache

from synthetic_data.tables import table

MEDICINES = table("medicaments")
HABITS = table("prescriptions")
MEDICINE = {row["id"]: rank for rank, row in enumerate(MEDICINES)}
_LONG_TERM = "fond"
_MINUTES = {"h": 60, "d": 1440, "wk": 7 * 1440, "mo": 30 * 1440}
_UNITS = {
    "[IU]": "UI", "ug": "µg", "[drp]": "goutte", "{sachet}": "sachet", "{comprime}": "comprimé",
    "{application}": "application", "{dispositif}": "dispositif",
}  # fmt: skip
_PERIODS = {"h": "heure", "d": "jour", "wk": "semaine", "mo": "mois"}


@dataclass(frozen=True, slots=True)
class Habit:
    """A row of prescriptions.csv that has been read: what is given, how much and how often.

    `medicine`: rank in `MEDICINES`; `times` a `period` of `unit`, or once when `period` is None; `days`: how
    long, None when it is not said; `interval`: minutes between two doses, None for a single one.
    """

    medicine: int
    long_term: bool
    dose: float
    ucum: str
    times: int
    period: int | None
    unit: str | None
    as_needed: bool
    days: int | None

    @property
    def dose_unit(self) -> str:
        """Give the unit of the dose as it is read."""
        return _UNITS.get(self.ucum, self.ucum)

    @property
    def dose_number(self) -> int | float:
        """Give the dose, whole when it is."""
        return int(self.dose) if self.dose.is_integer() else self.dose

    @property
    def interval(self) -> int | None:
        """Give the minutes between two doses."""
        return None if self.period is None else self.period * _MINUTES[self.unit or "d"] // self.times

    @property
    def text(self) -> str:
        """Write it as it is told to the patient."""
        dose = f"{self.dose_number}".replace(".", ",")
        parts = [f"{dose} {self.dose_unit} par voie {MEDICINES[self.medicine]['voie']}", self._rhythm()]
        parts += ["si besoin"] if self.as_needed else []
        parts += [f"pendant {self.days} jour{'s' if self.days > 1 else ''}"] if self.days else []
        return ", ".join(parts)

    def _rhythm(self) -> str:
        if self.period is None:
            return "dose unique"
        period = _PERIODS[self.unit or "d"]
        every = f"par {period}" if self.period == 1 else f"tous les {self.period} {period}"
        if self.period > 1 and period in {"heure", "semaine"}:
            every = f"toutes les {self.period} {period}s"
        elif self.period > 1 and period == "jour":
            every += "s"
        return f"{self.times} fois {every}"


@cache
def habits() -> tuple[Habit, ...]:
    """Read prescriptions.csv; ValueError on a medicine that medicaments.csv does not have."""
    unknown = sorted({row["medicament"] for row in HABITS} - set(MEDICINE))
    if unknown:
        raise ValueError(
            f"prescriptions.csv: expected medicines of medicaments.csv, got {', '.join(unknown)}"
        )
    return tuple(
        Habit(
            medicine=MEDICINE[row["medicament"]],
            long_term=row["traitement"] == _LONG_TERM,
            dose=float(row["dose"]),
            ucum=row["ucum"],
            times=int(row["fois"]),
            period=int(row["periode"]) if row["periode"] else None,
            unit=row["unite_periode"] or None,
            as_needed=bool(row["si_besoin"]),
            days=int(row["jours"]) if row["jours"] else None,
        )
        for row in HABITS
    )
