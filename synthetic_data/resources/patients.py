"""Patient resources, under fr-core-patient-ins for qualified identities born in France, else fr-core-patient.

A birth abroad has no INSEE commune code, which fr-core-patient-ins requires: those patients keep their INS
under the general profile. Spec: https://hl7.fr/ig/fhir/core/2.2.0/
"""

import unicodedata
from collections.abc import Iterator
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import dates, stamps
from synthetic_data.facts.identities import (
    COMMUNES,
    COUNTRIES,
    FAMILIES,
    GIVEN,
    STREETS,
    Identities,
    postal_codes,
)  # fmt: skip
from synthetic_data.facts.journeys import NONE
from synthetic_data.facts.people import NEVER
from synthetic_data.identifiers import opaques
from synthetic_data.resources.identity_reliability import merges, or_missing, reliability
from synthetic_data.resources.kind import Kind
from synthetic_data.templating.columns import Coded, Column, Ints, Plain, Rows, digits, fixed, texts

_CONFIDENTIALITY = ((None, None), ("R", "restricted"), ("V", "very restricted"))


def rows(block: Block) -> Iterator[Rows]:
    """Give the patients of a block."""
    people, known = block.people, block.identities
    count = len(people)
    profile = np.where(known.qualified & (known.birth_commune != NONE), 0, 1)
    ipp = digits("8", opaques(people.index, block.plan.seed), 9)
    masked = np.where(known.masked, 0, 1)
    place = np.where(known.birth_commune == NONE, len(COMMUNES), known.birth_commune)
    columns: dict[str, Column] = {
        "id": block.patient_ids(np.arange(count)),
        "profile": Coded(profile, ("fr-core-patient-ins", "fr-core-patient")),
        "confidentiality": Coded(known.confidentiality, [code for code, _ in _CONFIDENTIALITY]),
        "confidentiality_label": Coded(known.confidentiality, [label for _, label in _CONFIDENTIALITY]),
        **reliability(block),
        **merges(block, ipp),
        "birth_insee": Coded(place, [*(row["code_insee"] for row in COMMUNES), None]),
        "birth_city": Coded(place, [*(row["commune"] for row in COMMUNES), None]),
        "birth_country": _birth_countries(known),
        "ins": fixed(known.ins, known.qualified),
        "ipp": ipp,
        "birth_given_names": texts(" ".join(GIVEN[g] for g in given if g != NONE) for given in known.given),
        "family": Coded(known.family, FAMILIES),
        "given": Coded(known.given[:, 0], GIVEN),
        "used_family": or_missing(known.used_family, FAMILIES),
        "masked": Coded(masked, ("masked", None)),
        "home_phone": _phones("05 36 49 ", _shown(known, known.home_phone)),
        "mobile_phone": _phones("06 39 98 ", _shown(known, known.mobile_phone)),
        "email": _emails(known),
        "gender": Coded(people.sex, ("male", "female")),
        "birth_date": _birth_dates(block),
        "birth_absent": Coded(np.where(known.birth_known, 1, 0), ("unknown", None)),
        "deceased": stamps(np.where(people.death == NEVER, 0, people.death), people.death != NEVER),
        **_home(known),
        "mother_family": or_missing(known.parent_family, FAMILIES),
        "mother_given": or_missing(known.parent_given, GIVEN),
        "mother_phone": _phones("06 39 98 ", known.parent_phone),
    }
    yield Rows("patient", count, columns)


def _birth_countries(known: Identities) -> Coded:
    return Coded(
        np.where(known.birth_country == NONE, len(COUNTRIES), known.birth_country), (*COUNTRIES, "FR")
    )


def _birth_dates(block: Block) -> Plain:
    """Write the day, the year alone when nothing more is known, or nothing."""
    known = block.identities
    day = dates(block.people.birth, known.birth_known).array
    short = pc.utf8_slice_codeunits(day, 0, 4)
    return Plain(pc.if_else(pa.array(known.day_known), day, short))


def _shown(known: Identities, numbers: Ints) -> Ints:
    return np.where(known.masked, NONE, numbers)


def _home(known: Identities) -> dict[str, Column]:
    codes = postal_codes()
    shown = np.where(known.masked, len(COMMUNES), known.home)
    return {
        "home_insee": Coded(shown, [*(row["code_insee"] for row in COMMUNES), None]),
        "home_city": Coded(shown, [*(row["commune"] for row in COMMUNES), None]),
        "street": texts(
            f"{number} {STREETS[street]}"
            for number, street in zip(known.street_number, known.street, strict=True)
        ),
        "postal_code": texts(
            codes[home][code] for home, code in zip(known.home, known.postal_code, strict=True)
        ),
    }


def _phones(prefix: str, last: Ints) -> Plain:
    """Write four digits two by two after a prefix."""
    present = last != NONE
    first, second = np.divmod(np.maximum(last, 0), 100)
    matrix = np.concatenate([_bytes(digits(prefix, first, 2)), _bytes(digits(" ", second, 2))], axis=1)
    return fixed(matrix, present)


def _bytes(column: Plain) -> np.ndarray:
    return np.frombuffer(column.array.buffers()[2], np.uint8).reshape(len(column.array), -1)


def _emails(known: Identities) -> Plain:
    return texts(
        None if number == NONE else f"{_plain(GIVEN[given])}.{_plain(FAMILIES[family])}{number}@example.org"
        for given, family, number in zip(
            known.given[:, 0], known.family, _shown(known, known.email_number), strict=True
        )
    )


@cache
def _plain(name: str) -> str:
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "".join(character for character in ascii_name if character.isalnum() or character == "-")


KIND = Kind("Patient", order=50, of_block=rows)
