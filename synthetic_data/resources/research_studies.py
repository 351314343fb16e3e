"""ResearchStudy resources: the studies of the table etudes.csv, each on one cohort of the hospital."""

from collections.abc import Iterator

from synthetic_data.facts.diagnoses import LABELS, RANK
from synthetic_data.facts.participations import STUDIES
from synthetic_data.facts.staff import professionals
from synthetic_data.plan import HospitalPlan
from synthetic_data.resources.kind import Kind
from synthetic_data.templating.columns import Rows, texts


def rows(plan: HospitalPlan) -> Iterator[Rows]:
    """Give the studies; the first doctor of the service leads each."""
    doctors = {one.service: one.number for one in reversed(professionals(plan.patients))}
    conditions = [row["condition"] for row in STUDIES]
    yield Rows(
        "research_study",
        len(STUDIES),
        {
            "id": texts(study_id(row) for row in STUDIES),
            "study": texts(row["etude"] for row in STUDIES),
            "title": texts(row["titre"] for row in STUDIES),
            "goal": texts(row["objectif"] for row in STUDIES),
            "purpose": texts(row["finalite"] for row in STUDIES),
            "method": texts(f"Méthodologie de référence {row['methodologie']}" for row in STUDIES),
            # A condition that the hospital does not code yet is left out.
            "condition": texts(code if code in RANK else None for code in conditions),
            "condition_label": texts(LABELS[RANK[code]] if code in RANK else None for code in conditions),
            "start": texts(row["debut"] for row in STUDIES),
            "investigator": texts(f"prac-{doctors[row['service']]:04}" for row in STUDIES),
            "site": texts(row["lieu"] for row in STUDIES),
        },
    )


def study_id(row: dict[str, str]) -> str:
    """Give the id of a row of the table."""
    return f"etude-{row['etude']}"


KIND = Kind("ResearchStudy", order=48, of_hospital=rows)
