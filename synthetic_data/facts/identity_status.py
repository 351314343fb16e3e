"""How far each identity can be trusted: status, attribute, how and when the INS was obtained, what was shown.

Codes of FR Core 2.2.0 (fr-core-cs-v2-0445 and others), used as the national identity rules (RNIV) read:
VALI qualified; VIDE not qualified yet, either read on a card without a document or recorded from a document
without a call to the national service (INSi); PROV provisional; ANOM anonymous; DESA a record merged into
another one. Attributes: HOMA known homonym, DOUA known duplicate, DOUT doubtful.
Spec: https://hl7.fr/ig/fhir/core/2.2.0/StructureDefinition-fr-core-identity-reliability.html
"""

from dataclasses import dataclass

import numpy as np

from synthetic_data.facts.chance import dice, draw
from synthetic_data.facts.clock import DAY, day_of
from synthetic_data.facts.identities import Identities
from synthetic_data.facts.journeys import NONE
from synthetic_data.facts.people import People
from synthetic_data.plan import HospitalPlan
from synthetic_data.tables import ADULT, proportion
from synthetic_data.templating.columns import Ints

STATUSES = ("VALI", "VIDE", "PROV", "ANOM", "DESA")
VALIDATED, NOT_YET, PROVISIONAL, ANONYMOUS, DISABLED = range(len(STATUSES))
ATTRIBUTES = ("HOMA", "DOUA", "DOUT")
HOMONYM, DUPLICATE, DOUBTFUL = range(len(ATTRIBUTES))
METHODS = ("INSI", "CV", "CB", "SM")
_BY_SERVICE, _BY_CARD = 0, 1
_METHOD_WEIGHTS = (74, 18, 5, 3)
DOCUMENTS = ("CN", "PA", "LE", "AN", "CS", "PC")
_OF_ADULTS = (75, 22, 1, 2, 0, 0)  # the documents that qualify an identity
_OF_CHILDREN = (30, 15, 45, 10, 0, 0)
_OF_ABROAD = (45, 55, 0, 0, 0, 0)
_NOT_QUALIFYING = (0, 0, 0, 0, 35, 65)
_SERVICE_SINCE = day_of(2021, 1, 1)  # the INS became compulsory


@dataclass(frozen=True, slots=True, eq=False)
class IdentityStatuses:
    """One row for each patient; ranks in the tuples above and days since 1970, NONE without."""

    status: Ints
    attribute: Ints
    method: Ints
    collected: Ints
    document: Ints
    validated: Ints


def draw_identity_statuses(
    plan: HospitalPlan, block: int, people: People, known: Identities
) -> IdentityStatuses:
    """Draw the statuses of the identities of a block."""
    rng, count = dice(plan.seed, "identity statuses", block), len(people)
    luck = rng.random(count)
    recovered = luck < proportion("identite_recuperee")
    shown = ~recovered & (luck < proportion("identite_recuperee") + proportion("identite_sur_document"))
    provisional = people.cast.of("provisoire", "naissance_inconnue", "naissance_a_l_annee")
    recovered[provisional] = shown[provisional] = False
    status = np.select(
        [people.same_as != NONE, known.anonymous, known.qualified, (recovered | shown) & known.day_known],
        [DISABLED, ANONYMOUS, VALIDATED, NOT_YET],
        PROVISIONAL,
    )
    recovered &= status == NOT_YET
    shown &= status == NOT_YET
    collected, validated = _days(rng.random((2, count)), plan, people)
    method = np.where(recovered, _BY_CARD, draw(_METHOD_WEIGHTS, rng.random(count)))
    called = known.qualified | recovered
    checked = known.qualified | shown
    doubtful = (status == PROVISIONAL) & (rng.random(count) < proportion("identite_douteuse"))
    return IdentityStatuses(
        status=status,
        attribute=_attributes(people, doubtful),
        method=np.where(called, method, NONE),
        collected=np.where(called, collected, NONE),
        document=np.where(checked, _documents(rng.random(count), people, known, shown), NONE),
        validated=np.where(checked, validated, NONE),
    )


def _days(luck: np.ndarray, plan: HospitalPlan, people: People) -> tuple[Ints, Ints]:
    """Draw when the service was called and when a document was shown: in the life of the patient."""
    first = np.maximum(people.birth, _SERVICE_SINCE)
    last = np.maximum(first, np.minimum(people.death, plan.now_minute) // DAY - 1)
    collected, validated = first + (luck * (last - first + 1)).astype(np.int64)
    return collected, validated


def _attributes(people: People, doubtful: np.ndarray) -> Ints:
    attribute = np.where(doubtful, DOUBTFUL, NONE)
    attribute[people.same_as != NONE] = DUPLICATE
    attribute[people.cast.of("homonymes")] = HOMONYM
    return attribute


def _documents(luck: np.ndarray, people: People, known: Identities, shown: np.ndarray) -> Ints:
    abroad = known.birth_commune == NONE
    laws = [(shown, _NOT_QUALIFYING), (people.age < ADULT, _OF_CHILDREN), (abroad, _OF_ABROAD)]
    return np.select([rows for rows, _ in laws], [draw(law, luck) for _, law in laws], draw(_OF_ADULTS, luck))
