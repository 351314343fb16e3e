"""Group resources: the cohorts whose members are known, hence what a cohort-limited application may see."""

from collections.abc import Iterator, Sequence

from synthetic_data.agenda import RECENT
from synthetic_data.episode import Episode
from synthetic_data.plan import HospitalPlan
from synthetic_data.population import Person
from synthetic_data.structures import EMERGENCY_SITES, Resource
from synthetic_data.templates import template

_SITE_NAMES = {"purpan": "Purpan", "rangueil": "Rangueil"}
_DISEASES = {
    "oncologie": ("cancer", "Patients suivis pour un cancer"),
    "diabete": ("diabete", "Patients diabétiques"),
}


def groups(plan: HospitalPlan, people: Sequence[Person], episodes: Sequence[Episode]) -> Iterator[Resource]:
    """Give the Group resources, members in patient order."""
    latest_site = _latest_emergency_site(plan, episodes)
    yield _group("urgences", "Patients vus aux urgences dans les dernières 24 heures", list(latest_site))
    for site in EMERGENCY_SITES:
        members = [person_id for person_id, last in latest_site.items() if last == site]
        yield _group(
            f"urgences-{site}",
            f"Patients vus aux urgences de {_SITE_NAMES[site]} dans les dernières 24 heures",
            members,
        )
    for cohort, (state, name) in _DISEASES.items():
        yield _group(cohort, name, [person.id for person in people if state in person.health.diseases])


def _latest_emergency_site(plan: HospitalPlan, episodes: Sequence[Episode]) -> dict[str, str]:
    """Give the site of the last emergency visit of each patient seen in the last 24 hours."""
    recent = [one for one in episodes if one.kind == "emergency" and one.start >= plan.now - RECENT]
    return {
        one.person.id: one.unit.site for one in sorted(recent, key=lambda one: (one.person.index, one.start))
    }


def _group(cohort: str, name: str, members: list[str]) -> Resource:
    return template("group").fill(
        id=f"group-{cohort}",
        name=name,
        quantity=len(members),
        members=[{"entity": {"reference": f"Patient/{member}"}} for member in members] or None,
    )
