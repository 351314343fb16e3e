"""The professionals: doctors of each service, emergency teams, who is on duty when.

Emergency teams take 12-hour shifts (8 h - 20 h, 20 h - 8 h) in turn. The team present at `now` also holds a
PractitionerRole with the period of its shift and the emergency Location.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import count

from synthetic_data.chance import dice
from synthetic_data.clock import at, local, stamp
from synthetic_data.identifiers import rpps
from synthetic_data.identities import draw_name
from synthetic_data.plan import HospitalPlan
from synthetic_data.structures import EMERGENCY_SITES, Resource, emergency_unit
from synthetic_data.tables import table
from synthetic_data.templates import template

_DOCTORS_PER_SERVICE = 4
_TEAMS_PER_SITE = 4
_DOCTOR = {"code": "praticien", "fonction": "Praticien hospitalier", "profession": "10", "civilite": "DR"}
_DAY_STARTS, _NIGHT_STARTS = 8, 20


@dataclass(frozen=True, slots=True)
class Professional:
    """One practitioner. `team` is the rank of the emergency team, None outside the emergency units."""

    number: int
    service: str
    function: str
    function_label: str
    profession: str
    title: str | None
    specialty: str | None
    site: str
    team: int | None

    @property
    def id(self) -> str:
        """Give the resource id."""
        return f"prac-{self.number:04}"


@dataclass(frozen=True, slots=True)
class Shift:
    """Twelve hours of duty."""

    start: datetime
    end: datetime
    team: int


@cache
def professionals() -> tuple[Professional, ...]:
    """Give all the professionals, emergency teams first; only their names depend on the seed."""
    numbers = count(1)
    emergency = [
        _professional(next(numbers), row, emergency_unit(site).service, row["specialite"], site, team)
        for site in EMERGENCY_SITES
        for team in range(_TEAMS_PER_SITE)
        for row in table("equipes")
        for _ in range(int(row["effectif"]))
    ]
    taken = {one.service for one in emergency}
    others = [
        _professional(next(numbers), _DOCTOR, row["id"], row["specialite"], row["site"], None)
        for row in table("structures")
        if row["type"] == "SERVICE" and row["id"] not in taken
        for _ in range(_DOCTORS_PER_SERVICE)
    ]
    return (*emergency, *others)


def _professional(
    number: int, post: dict[str, str], service: str, specialty: str, site: str, team: int | None
) -> Professional:
    return Professional(
        number=number,
        service=service,
        function=post["code"],
        function_label=post["fonction"],
        profession=post["profession"],
        title=post["civilite"] or None,
        specialty=specialty or None,
        site=site,
        team=team,
    )


@cache
def doctors(service: str) -> tuple[Professional, ...]:
    """Give the doctors of a service."""
    return tuple(one for one in professionals() if one.service == service and one.profession == "10")


@cache
def emergency_team(site: str, team: int) -> tuple[Professional, ...]:
    """Give one team of an emergency department, in the order of equipes.csv."""
    return tuple(one for one in professionals() if one.site == site and one.team == team)


def shift_at(instant: datetime) -> Shift:
    """Give the shift in progress at an instant; each site has its own people in the team of that rank."""
    wall = local(instant)
    day = wall.date()
    if wall.hour < _DAY_STARTS:
        day -= timedelta(days=1)
    night = not _DAY_STARTS <= wall.hour < _NIGHT_STARTS
    start = at(day, _NIGHT_STARTS if night else _DAY_STARTS)
    end = at(day + timedelta(days=1), _DAY_STARTS) if night else at(day, _NIGHT_STARTS)
    return Shift(start, end, (2 * day.toordinal() + night) % _TEAMS_PER_SITE)


def practitioners(plan: HospitalPlan) -> Iterator[Resource]:
    """Give the Practitioner resources."""
    for one in professionals():
        rng = dice(plan.seed, "practitioner", one.number)
        sex = rng.choice("FM")
        family, given = draw_name(rng, sex, rng.randint(1960, 1995))
        yield template("practitioner").fill(
            id=one.id,
            rpps=rpps(one.number),
            text=" ".join(filter(None, (one.title, given[0], family))),
            family=family,
            given=given[0],
            title=one.title,
            gender="female" if sex == "F" else "male",
            profession=one.profession,
        )


def practitioner_roles(plan: HospitalPlan) -> Iterator[Resource]:
    """Give the PractitionerRole resources: everybody's post, then the teams on duty at `now`."""
    specialties = {row["code"]: row["libelle"] for row in table("specialites")}
    shift = shift_at(plan.now)
    on_duty = [one for site in EMERGENCY_SITES for one in emergency_team(site, shift.team)]
    for number, one in enumerate((*professionals(), *on_duty), 1):
        post = {
            "id": f"role-{number:04}",
            "practitioner": one.id,
            "organization": one.service,
            "function": one.function,
            "function_label": one.function_label,
            "specialty": one.specialty,
            "specialty_label": specialties.get(one.specialty or ""),
        }
        if number <= len(professionals()):
            yield template("practitioner_role").fill(**post)
        else:
            yield template("practitioner_role_on_duty").fill(
                **post,
                start=stamp(shift.start),
                end=stamp(shift.end),
                location=emergency_unit(one.site).location,
                available_time=_available_time(shift),
            )


def _available_time(shift: Shift) -> list[Resource]:
    """Write the hours of a shift day by day; a night is an evening and the morning after."""
    start, end = local(shift.start), local(shift.end)
    hours = [(start, f"{start:%H:%M:%S}", f"{end:%H:%M:%S}")]
    if start.date() != end.date():
        hours = [(start, f"{start:%H:%M:%S}", "23:59:59"), (end, "00:00:00", f"{end:%H:%M:%S}")]
    return [
        {
            "daysOfWeek": [("mon", "tue", "wed", "thu", "fri", "sat", "sun")[day.weekday()]],
            "availableStartTime": first,
            "availableEndTime": last,
        }
        for day, first, last in hours
    ]
