"""Names, status and confidentiality of the hard cases, and of merged duplicates, over what chance drew."""

from dataclasses import replace

import numpy as np

from synthetic_data.facts.duplicates import own_record
from synthetic_data.facts.hard_cast import PARTS, TWINS, Cast
from synthetic_data.facts.identities import FAMILIES, NORMAL, RESTRICTED, VERY_RESTRICTED, Identities
from synthetic_data.facts.journeys import NONE
from synthetic_data.facts.people import People
from synthetic_data.tables import table
from synthetic_data.templating.columns import Ints

QUALIFIED = (
    "corse_du_sud", "haute_corse", "corse_avant_1976", "ne_a_l_etranger", "ne_outre_mer", "homonymes",
    "tres_restreint",
)  # fmt: skip
NOT_QUALIFIED = ("naissance_inconnue", "naissance_a_l_annee", "provisoire", "anonyme")
_PLAIN = ("provisoire", "homonymes", "apostrophe", "diacritiques")  # neither restricted nor masked
_OF_THE_SAME_PERSON = (
    "family", "used_family", "given", "birth_commune", "birth_country", "home", "postal_code", "street",
    "street_number", "confidentiality", "birth_known", "anonymous", "masked",
)  # fmt: skip


def played_identities(people: People, drawn: Identities) -> Identities:
    """Give the identities with those of the parts, then those of merged duplicates."""
    cast = people.cast
    family, given, used = drawn.family.copy(), drawn.given.copy(), drawn.used_family.copy()
    _name(cast, family, given, used)
    qualified = drawn.qualified.copy()
    qualified[cast.of(*QUALIFIED)] = True
    qualified[cast.of(*NOT_QUALIFIED)] = False
    day_known, birth_known = drawn.day_known.copy(), drawn.birth_known.copy()
    birth_known[cast.everybody()] = True
    day_known[cast.everybody()] = True
    day_known[cast.of("naissance_a_l_annee", "naissance_inconnue")] = False
    birth_known[cast.of("naissance_inconnue")] = False
    confidentiality = drawn.confidentiality.copy()
    confidentiality[cast.of(*_PLAIN)] = NORMAL
    confidentiality[cast.of("restreint")] = RESTRICTED
    confidentiality[cast.of("tres_restreint")] = VERY_RESTRICTED
    anonymous, masked = drawn.anonymous.copy(), drawn.masked.copy()
    anonymous[cast.everybody()] = False
    anonymous[cast.of("anonyme")] = True
    masked[cast.of(*_PLAIN, "restreint")] = False
    masked[cast.of("anonyme", "tres_restreint")] = True
    whole = replace(
        drawn, family=family, given=given, used_family=used, qualified=qualified, day_known=day_known,
        birth_known=birth_known, confidentiality=confidentiality, anonymous=anonymous, masked=masked,
    )  # fmt: skip
    return _merged(people.same_as, whole)


def _name(cast: Cast, family: Ints, given: Ints, used: Ints) -> None:
    for part in PARTS:
        rows = cast.of(part["cas"])
        if part["nom"]:
            family[rows], used[rows] = FAMILIES.index(part["nom"]), NONE
    homonyms = cast.of("homonymes")
    given[homonyms] = given[homonyms[:1]]
    for twins in TWINS:
        for first, second in (cast.ranks[twins],) if twins in cast.ranks else ():
            if given[first, 0] == given[second, 0]:
                given[second] = (_another(given[second, 0]), NONE, NONE)


def _another(name: int) -> int:
    """Give the rank of the next given name of the table that is for the same sex and years."""
    rows = table("prenoms")
    alike = [
        rank
        for rank, row in enumerate(rows)
        if (row["sexe"], row["annee_min"]) == (rows[name]["sexe"], rows[name]["annee_min"])
    ]
    return alike[(alike.index(name) + 1) % len(alike)]


def _merged(same_as: Ints, known: Identities) -> Identities:
    """Give duplicates the name, place and birth of their survivor, without its INS nor its middle names."""
    duplicates = np.flatnonzero(same_as != NONE)
    if not len(duplicates):
        return known
    own = own_record(same_as)
    copied = {name: getattr(known, name)[own] for name in _OF_THE_SAME_PERSON}
    copied["given"][duplicates, 1:] = NONE
    qualified, day_known = known.qualified.copy(), known.day_known[own]
    qualified[duplicates] = False
    return replace(known, **copied, qualified=qualified, day_known=day_known)
