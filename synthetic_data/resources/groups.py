"""Group resources: the cohorts whose members are known, hence what a cohort-limited application may see."""

from collections.abc import Iterator

from synthetic_data.facts.cohorts import COHORTS
from synthetic_data.plan import HospitalPlan
from synthetic_data.resources.kind import Cohorts, Kind
from synthetic_data.templating.columns import Rows, json_values, texts


def rows(_plan: HospitalPlan, cohorts: Cohorts) -> Iterator[Rows]:
    """Give one group for each cohort, members in patient order."""
    members = [
        [{"entity": {"reference": f"Patient/pat-{index + 1:07}"}} for index in cohorts[one.name]]
        for one in COHORTS
    ]
    yield Rows(
        "group",
        len(COHORTS),
        {
            "id": texts(f"group-{one.name}" for one in COHORTS),
            "name": texts(one.title for one in COHORTS),
            "quantity": json_values(len(them) for them in members),
            "members": json_values(them or None for them in members),
        },
    )


KIND = Kind("Group", order=900, of_cohorts=rows)
