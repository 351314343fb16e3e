"""The patients: who they are, what they suffer from, when they can be seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from synthetic_data.chance import Urn, dice
from synthetic_data.clock import at, local
from synthetic_data.health import Health, draw_health
from synthetic_data.identifiers import NirRegister, opaque
from synthetic_data.identities import Identity, draw_identity
from synthetic_data.plan import HospitalPlan
from synthetic_data.tables import proportion, table

# Everybody can be seen during at least this long, so that drawn activity always fits.
_SHORTEST_PRESENCE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Person:
    """One patient. `sex`: M or F; `seen_from` and `seen_until` bound the year; `newborn`: born within it."""

    index: int
    id: str
    sex: str
    birth: date
    birth_date: str
    death: datetime | None
    seen_from: datetime
    seen_until: datetime
    newborn: bool
    health: Health
    identity: Identity
    qualified: bool
    ins: str | None
    ipp: str
    confidentiality: str | None

    def age(self, when: datetime) -> int:
        """Give the age in completed years at an instant."""
        day = local(when).date()
        return day.year - self.birth.year - ((day.month, day.day) < (self.birth.month, self.birth.day))


@dataclass(frozen=True, slots=True)
class _Band:
    """An age band of the resident population, for one sex; the open band is closed at 106 years."""

    sex: str
    youngest: int
    oldest: int
    weight: float
    death_rate: float


def _bands() -> Urn[_Band]:
    """Weigh residents by how much people of their age use the hospital."""
    bands = [
        _Band(
            sex,
            int(row["age_min"]),
            min(int(row["age_max"]), 106),
            int(row[column]) * float(row["recours"]),
            float(row["deces"]),
        )
        for row in table("population")
        for sex, column in (("M", "hommes"), ("F", "femmes"))
    ]
    return Urn.of(bands, lambda band: band.weight)


_BANDS = _bands()


def draw_people(plan: HospitalPlan) -> Iterator[Person]:
    """Draw the patients in order; each depends on the seed, on `now` and on the patients before it only."""
    register = NirRegister()
    for index in range(plan.patients):
        yield _draw_person(plan, index, register)


def _draw_person(plan: HospitalPlan, index: int, register: NirRegister) -> Person:
    rng = dice(plan.seed, "person", index)
    band = _BANDS.draw(rng)
    age = rng.randint(band.youngest, band.oldest)
    birth = _birth(rng, local(plan.now).date(), age)
    born = at(birth, 12)
    death = _death(rng, plan.now, band.death_rate if age else 0.0)
    year_ago = plan.now - timedelta(days=365)
    identity = draw_identity(rng, band.sex, birth.year, age)
    qualified = rng.random() < proportion("identite_qualifiee")
    day_known = qualified or rng.random() >= proportion("date_naissance_partielle")
    place = identity.birth_place
    return Person(
        index=index,
        id=f"pat-{index + 1:06}",
        sex=band.sex,
        birth=birth,
        birth_date=birth.isoformat() if day_known else f"{birth:%Y}",
        death=death,
        seen_from=max(year_ago, born),
        seen_until=death or plan.now,
        newborn=born > year_ago,
        health=draw_health(rng, band.sex, age),
        identity=identity,
        qualified=qualified,
        ins=register.issue(band.sex, birth, place.department) if qualified else None,
        ipp=f"8{opaque(index, plan.seed, 9)}",
        confidentiality=_confidentiality(rng),
    )


def _birth(rng: Random, today: date, age: int) -> date:
    """Draw a birth date that gives `age` today; babies are at least a month old."""
    birthday = today.replace(year=today.year - age, day=min(today.day, 28))
    youngest = _SHORTEST_PRESENCE.days if age == 0 else 0
    return birthday - timedelta(days=rng.randint(youngest, 330))


def _death(rng: Random, now: datetime, rate: float) -> datetime | None:
    """Draw a death during the year; nobody dies in the first month (see above) nor in the last two days."""
    if rng.random() >= rate:
        return None
    return now - timedelta(minutes=rng.randint(2 * 1440, 330 * 1440))


def _confidentiality(rng: Random) -> str | None:
    """Mark a few records as very restricted (V: threatened people) or restricted (R: known people)."""
    luck = rng.random()
    very = proportion("dossier_tres_restreint")
    return "V" if luck < very else "R" if luck < very + proportion("dossier_restreint") else None
