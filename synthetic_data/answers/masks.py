"""What a mask hides: for elements that hospitals mask, which patients have them."""

from collections.abc import Callable, Mapping

import numpy as np

from synthetic_data.facts.block import Block
from synthetic_data.facts.journeys import NONE
from synthetic_data.facts.people import NEVER
from synthetic_data.templating.columns import Flags

MASKS: Mapping[str, Callable[[Block], Flags]] = {
    "Patient.name": lambda b: np.ones(len(b.people), bool),
    "Patient.birthDate": lambda b: b.identities.birth_known,
    "Patient.address": lambda b: np.ones(len(b.people), bool),
    "Patient.identifier.where(system='urn:oid:1.2.250.1.213.1.4.10')": lambda b: b.identities.qualified,
    "Patient.telecom": lambda b: _any(
        b.identities.home_phone, b.identities.mobile_phone, b.identities.email_number
    ),
    "Patient.contact": lambda b: b.identities.parent_family != NONE,
    "Patient.deceased": lambda b: b.people.death != NEVER,
}


def _any(*columns: np.ndarray) -> Flags:
    return np.logical_or.reduce([column != NONE for column in columns])
