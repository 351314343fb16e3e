"""Practitioner resources: the professionals, with numbers (RPPS) that no real one can hold."""

from collections.abc import Iterator

import numpy as np

from synthetic_data.facts.chance import dice
from synthetic_data.facts.identities import FAMILIES, GIVEN, draw_families, draw_given_names
from synthetic_data.facts.staff import professionals
from synthetic_data.identifiers import rpps
from synthetic_data.plan import HospitalPlan
from synthetic_data.resources.kind import Kind
from synthetic_data.templating.columns import Coded, Rows, digits, texts


def rows(plan: HospitalPlan) -> Iterator[Rows]:
    """Give the professionals; only their names depend on the seed."""
    people = professionals(plan.patients)
    rng = dice(plan.seed, "practitioners", 0)
    sex = rng.integers(0, 2, len(people))
    family = draw_families(rng, len(people))
    given = draw_given_names(rng, sex, rng.integers(1960, 1996, len(people)))[:, 0]
    names = [(one.title, GIVEN[g], FAMILIES[f]) for one, g, f in zip(people, given, family, strict=True)]
    yield Rows(
        "practitioner",
        len(people),
        {
            "id": digits("prac-", np.array([one.number for one in people]), 4),
            "rpps": texts(rpps(one.number) for one in people),
            "text": texts(" ".join(filter(None, name)) for name in names),
            "family": Coded(family, FAMILIES),
            "given": Coded(given, GIVEN),
            "title": texts(one.title for one in people),
            "gender": Coded(sex, ("male", "female")),
            "profession": texts(one.profession for one in people),
        },
    )


KIND = Kind("Practitioner", order=30, of_hospital=rows)
