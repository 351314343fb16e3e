"""Civil identity of the patients of a block: names, places, contact details, national number, all invented.

Phone numbers start with 05 36 49 or 06 39 98, which ARCEP (https://www.arcep.fr) keeps for works of fiction.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from synthetic_data.facts.chance import Dice, Floats, dice, draw
from synthetic_data.facts.hard_lives import played_birth_places
from synthetic_data.facts.journeys import NONE
from synthetic_data.facts.national_number import national_numbers
from synthetic_data.facts.people import FEMALE, People
from synthetic_data.plan import HospitalPlan
from synthetic_data.tables import ADULT, proportion, table
from synthetic_data.templating.columns import Bytes, Flags, Ints

_ANONYMOUS = "Anonyme"
# Those after the names of noms.csv are never drawn: they belong to the hard cases.
_OTHERS = (_ANONYMOUS, *(row["nom"] for row in table("cas_difficiles") if row["nom"]))
FAMILIES = tuple(dict.fromkeys([*(row["nom"] for row in table("noms")), *_OTHERS]))
GIVEN = tuple(row["prenom"] for row in table("prenoms"))
COMMUNES = table("communes")
COUNTRIES = tuple(row["iso"] for row in table("pays"))
STREETS = tuple(row["voie"] for row in table("voies"))
NORMAL, RESTRICTED, VERY_RESTRICTED = range(3)
_RENAMED_FROM = 25  # years


@dataclass(frozen=True, slots=True, eq=False)
class Identities:
    """One row for each patient; ranks are those of the tables, NONE when there is no such thing.

    `given`: (people, 3); `used_family`: name of daily life when it is not the birth name; `birth_commune` or
    `birth_country`; `postal_code`: rank in the commune's list; phones: last four digits; `qualified`: checked
    against a document and the national service, hence `ins` (people, 15 characters) is known; `day_known`:
    the birth date is known to the day, `birth_known`: at least its year; `anonymous`: under an agreed name;
    `masked`: contact details are hidden at the source; `confidentiality`: NORMAL, RESTRICTED or
    VERY_RESTRICTED; `parent_*`: the mother to call, for a minor.
    """

    family: Ints
    used_family: Ints
    given: Ints
    birth_commune: Ints
    birth_country: Ints
    home: Ints
    postal_code: Ints
    street: Ints
    street_number: Ints
    home_phone: Ints
    mobile_phone: Ints
    email_number: Ints
    qualified: Flags
    ins: Bytes
    day_known: Flags
    birth_known: Flags
    anonymous: Flags
    masked: Flags
    confidentiality: Ints
    parent_family: Ints
    parent_given: Ints
    parent_phone: Ints


def draw_identities(plan: HospitalPlan, block: int, people: People, mother: Ints) -> Identities:
    """Draw the identities; a child born in the hospital bears its mother's name and lives with her."""
    rng, count = dice(plan.seed, "identities", block), len(people)
    year = people.birth.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    family = draw_families(rng, count)
    abroad = rng.random(count) < proportion("naissance_etranger")
    home, street, number = (
        draw(_weights("poids_domicile"), rng.random(count)), rng.integers(0, len(STREETS), count),
        rng.integers(1, 121, count),
    )  # fmt: skip
    child = np.flatnonzero(mother != NONE)
    for column in (family, home, street, number):
        column[child] = column[mother[child]]
    birth_commune = np.where(abroad, NONE, draw(_weights("poids_naissance"), rng.random(count)))
    birth_commune[child] = 0  # the hospital stands in the first commune of the table
    birth_commune = played_birth_places(people.cast, birth_commune)
    adult = people.age >= ADULT
    used = draw_families(rng, count)
    renamed = (people.sex == FEMALE) & (people.age >= _RENAMED_FROM)
    renamed &= (rng.random(count) < proportion("nom_utilise_different")) & (used != family)
    qualified = rng.random(count) < proportion("identite_qualifiee")
    ins, free = national_numbers(plan, block, people, birth_commune)
    given = draw_given_names(rng, people.sex, year)
    qualified &= free
    parent_given = draw_given_names(rng, np.full(count, FEMALE), year - 30)[:, 0]
    parent_given[child] = given[mother[child], 0]
    phone = rng.integers(0, 10_000, (3, count))
    day_known = qualified | (rng.random(count) >= proportion("date_naissance_partielle"))
    confidentiality = _confidentiality(rng.random(count))
    anonymous = adult & ~qualified & (rng.random(count) < _anonymous_among_unqualified())
    anonymous[mother[child]] = False
    family[anonymous] = FAMILIES.index(_ANONYMOUS)
    masked = adult & (anonymous | (confidentiality == VERY_RESTRICTED))
    return Identities(
        family=family,
        used_family=np.where(renamed & ~anonymous, used, NONE),
        given=given,
        birth_commune=birth_commune,
        birth_country=np.where(birth_commune == NONE, draw(_country_weights(), rng.random(count)), NONE),
        home=home,
        postal_code=(rng.random(count) * _postal_code_counts()[home]).astype(np.int64),
        street=street,
        street_number=number,
        home_phone=np.where(rng.random(count) < proportion("telephone_fixe"), phone[0], NONE),
        mobile_phone=np.where(
            adult & ((rng.random(count) < proportion("telephone_mobile")) | masked), phone[1], NONE
        ),
        email_number=np.where(
            adult & (rng.random(count) < proportion("courriel")), rng.integers(100, 1000, count), NONE
        ),
        qualified=qualified,
        ins=ins,
        day_known=day_known,
        birth_known=day_known | (rng.random(count) >= _unknown_among_partial()),
        anonymous=anonymous,
        masked=masked,
        confidentiality=confidentiality,
        parent_family=np.where(adult, NONE, family),
        parent_given=np.where(adult, NONE, parent_given),
        parent_phone=np.where(adult, NONE, phone[2]),
    )


def _anonymous_among_unqualified() -> float:
    return proportion("identite_anonyme") / (1 - proportion("identite_qualifiee"))


def _unknown_among_partial() -> float:
    return proportion("date_naissance_inconnue") / proportion("date_naissance_partielle")


def draw_families(rng: Dice, count: int) -> Ints:
    """Draw family names."""
    return draw([float(row["poids"]) for row in table("noms")], rng.random(count))


@cache
def _weights(column: str) -> Floats:
    return np.array([float(row[column]) for row in COMMUNES])


@cache
def _country_weights() -> Floats:
    return np.array([float(row["poids"]) for row in table("pays")])


@cache
def postal_codes() -> tuple[tuple[str, ...], ...]:
    """Give the postal codes of each commune."""
    return tuple(tuple(row["codes_postaux"].split()) for row in COMMUNES)


def _postal_code_counts() -> Ints:
    return np.array([len(codes) for codes in postal_codes()])


@cache
def _in_use() -> tuple[Ints, Ints, Ints, Floats]:
    rows = table("prenoms")
    return (
        np.array([row["sexe"] == "F" for row in rows], np.int64),
        np.array([int(row["annee_min"]) for row in rows]),
        np.array([int(row["annee_max"]) for row in rows]),
        np.array([float(row["poids"]) for row in rows]),
    )


def draw_given_names(rng: Dice, sex: Ints, year: Ints) -> Ints:
    """Draw one to three different given names in use for people of this sex born that year."""
    name_sex, first, last, weight = _in_use()
    drawn = np.empty((len(sex), 3), np.int64)
    luck = rng.random((len(sex), 3))
    kinds, kind = np.unique(sex * 10_000 + year, return_inverse=True)
    for rank, key in enumerate(kinds):
        rows = np.flatnonzero(kind == rank)
        born = key % 10_000
        usable = weight * ((name_sex == key // 10_000) & (first <= born) & (born <= last))
        drawn[rows] = draw(usable, luck[rows].ravel()).reshape(-1, 3)
    wanted = rng.choice((1, 2, 2, 3), len(sex))
    for place in (1, 2):
        earlier = drawn[:, :place]
        drawn[:, place][(wanted <= place) | (earlier == drawn[:, [place]]).any(axis=1)] = NONE
    return drawn


def _confidentiality(luck: Floats) -> Ints:
    """Mark a few records as very restricted (threatened people) or restricted (known people)."""
    very = proportion("dossier_tres_restreint")
    some = very + proportion("dossier_restreint")
    return np.select([luck < very, luck < some], [VERY_RESTRICTED, RESTRICTED], NORMAL)
