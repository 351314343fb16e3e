"""Civil identity of a French person: names, places, contact details, all invented.

Phone numbers start with 05 36 49 or 06 39 98, which ARCEP (https://www.arcep.fr) keeps for works of fiction.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache
from random import Random

from synthetic_data.chance import Urn
from synthetic_data.tables import ADULT, proportion, table

Row = dict[str, str]
_RENAMED_FROM = 25  # years
_FAMILIES = Urn.of(table("noms"), lambda row: float(row["poids"]))
_HOMES = Urn.of(table("communes"), lambda row: float(row["poids_domicile"]))
_BIRTH_COMMUNES = Urn.of(table("communes"), lambda row: float(row["poids_naissance"]))
_COUNTRIES = Urn.of(table("pays"), lambda row: float(row["poids"]))


@dataclass(frozen=True, slots=True)
class Place:
    """Where one was born: a French commune, or a country (ISO 3166 code)."""

    country: str
    city: str | None = None
    insee: str | None = None
    department: str = "99"


@dataclass(frozen=True, slots=True)
class Home:
    """A postal address."""

    street: str
    postal_code: str
    city: str
    insee: str


@dataclass(frozen=True, slots=True)
class Mother:
    """The person to call for a minor."""

    family: str
    given: str
    phone: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Names and contact details. `used_family`: the name of daily life when it is not the birth name."""

    family: str
    used_family: str | None
    given_names: tuple[str, ...]
    birth_place: Place
    home: Home
    home_phone: str | None
    mobile_phone: str | None
    email: str | None
    mother: Mother | None


@cache
def _given_names(sex: str, year: int) -> Urn[Row]:
    in_use = [
        row
        for row in table("prenoms")
        if row["sexe"] == sex and int(row["annee_min"]) <= year <= int(row["annee_max"])
    ]
    return Urn.of(in_use, lambda row: float(row["poids"]))


def draw_name(rng: Random, sex: str, year: int) -> tuple[str, tuple[str, ...]]:
    """Draw a family name and one to three given names in use for people of this sex born in `year`."""
    family = _FAMILIES.draw(rng)["nom"]
    wanted = rng.choice((1, 2, 2, 3))
    given = dict.fromkeys(_given_names(sex, year).draw(rng)["prenom"] for _ in range(wanted))
    return family, tuple(given)


def draw_identity(rng: Random, sex: str, year: int, age: int) -> Identity:
    """Draw the identity of a person of this sex (M or F), born in `year`, `age` years old now."""
    family, given_names = draw_name(rng, sex, year)
    other_family = _FAMILIES.draw(rng)["nom"]
    renamed = sex == "F" and age >= _RENAMED_FROM and rng.random() < proportion("nom_utilise_different")
    adult = age >= ADULT
    return Identity(
        family=family,
        used_family=other_family if renamed and other_family != family else None,
        given_names=given_names,
        birth_place=_birth_place(rng),
        home=_home(rng),
        home_phone=_phone(rng, "05 36 49") if rng.random() < proportion("telephone_fixe") else None,
        mobile_phone=_phone(rng, "06 39 98")
        if adult and rng.random() < proportion("telephone_mobile")
        else None,
        email=_email(rng, given_names[0], family)
        if adult and rng.random() < proportion("courriel")
        else None,
        mother=None if adult else _mother(rng, year),
    )


def _birth_place(rng: Random) -> Place:
    if rng.random() < proportion("naissance_etranger"):
        return Place(country=_COUNTRIES.draw(rng)["iso"])
    row = _BIRTH_COMMUNES.draw(rng)
    return Place("FR", row["commune"], row["code_insee"], row["departement"])


def _home(rng: Random) -> Home:
    row = _HOMES.draw(rng)
    street = f"{rng.randint(1, 120)} {rng.choice(table('voies'))['voie']}"
    return Home(street, rng.choice(row["codes_postaux"].split()), row["commune"], row["code_insee"])


def _phone(rng: Random, prefix: str) -> str:
    number = rng.randrange(10_000)
    return f"{prefix} {number // 100:02} {number % 100:02}"


def _email(rng: Random, given: str, family: str) -> str:
    plain = unicodedata.normalize("NFKD", f"{given}.{family}").encode("ascii", "ignore").decode().lower()
    local = "".join(character for character in plain if character.isalnum() or character in ".-")
    return f"{local}{rng.randrange(100, 1000)}@example.org"


def _mother(rng: Random, year: int) -> Mother:
    family, given = draw_name(rng, "F", year - 30)
    return Mother(family, given[0], _phone(rng, "06 39 98"))
