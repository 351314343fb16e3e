"""Consent resources: opposition to the secondary use of data, then agreement to take part in a study."""

from collections.abc import Iterator

import numpy as np

from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import stamps
from synthetic_data.facts.participations import STUDIES, WITHDRAWN, participations
from synthetic_data.resources.kind import Kind
from synthetic_data.resources.research_studies import study_id
from synthetic_data.templating.columns import Coded, Ints, Plain, Rows

_OPPOSITION = "Opposition à la réutilisation des données de santé pour la recherche"
_AGREEMENT = "Accord de participation à une recherche"


def rows(block: Block) -> Iterator[Rows]:
    """Give the consents of a block; that of somebody who withdrew is no longer active."""
    opposed = block.oppositions
    nothing = np.zeros(len(opposed), np.int64)
    yield Rows(
        "consent",
        len(opposed),
        {
            "id": block.ids("consent", np.arange(len(opposed))),
            "status": Coded(nothing, ("active",)),
            "category": Coded(nothing, (_OPPOSITION,)),
            "patient": block.patient_ids(opposed.person),
            "since": stamps(opposed.since),
            "until": Coded(nothing, (None,)),
            "rule": Coded(nothing, ("OPTOUT",)),
            "rule_label": Coded(nothing, ("opt-out",)),
            "policy": Coded(nothing, ("Méthodologie de référence MR-004 : droit d'opposition",)),
            "decision": Coded(nothing, ("deny",)),
            "study": Coded(nothing, (None,)),
            "study_title": Coded(nothing, (None,)),
        },
    )
    joined = participations(block)
    withdrawn = joined.status == WITHDRAWN
    study, one = joined.study, np.zeros(len(joined), np.int64)
    yield Rows(
        "consent",
        len(joined),
        {
            "id": agreement_ids(block, np.arange(len(joined))),
            "status": Coded(withdrawn.astype(np.int64), ("active", "inactive")),
            "category": Coded(one, (_AGREEMENT,)),
            "patient": block.patient_ids(joined.person),
            "since": stamps(joined.since),
            "until": stamps(joined.until, withdrawn),
            "rule": Coded(one, ("OPTIN",)),
            "rule_label": Coded(one, ("opt-in",)),
            "policy": Coded(study, [f"Méthodologie de référence {row['methodologie']}" for row in STUDIES]),
            "decision": Coded(one, ("permit",)),
            "study": Coded(study, [study_id(row) for row in STUDIES]),
            "study_title": Coded(study, [row["titre"] for row in STUDIES]),
        },
    )


def agreement_ids(block: Block, ranks: Ints) -> Plain:
    """Write the ids of the agreements of a block: they come after the oppositions."""
    return block.ids("consent", len(block.oppositions) + ranks)


KIND = Kind("Consent", order=100, of_block=rows)
