"""Check form and key of the French identifiers that a resource carries, recognised by their system.

A wrong form is an error. A wrong key is a warning: the official examples of FR Core have some.

Spec: https://hl7.fr/ig/fhir/core/2.2.0 (systems), https://www.insee.fr/fr/metadonnees/definition/c1409 (NIR)
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lab.validation.report import Finding
from lab.validation.walk import Visit

_INS = "urn:oid:1.2.250.1.213.1.4."
_CORSICA = {"2A": "19", "2B": "18"}
# The letter of a Corsican FINESS counts as its rank in the alphabet.
_LETTERS = str.maketrans("AB", "12")
# Establishments of La Poste, too many for the Luhn rule: the sum of their digits is a multiple of five.
_LA_POSTE = "356000000"


@dataclass(frozen=True)
class Number:
    """A kind of identifier: the rules it is reported under, its form and whether its key is right."""

    name: str
    form: re.Pattern[str]
    has_right_key: Callable[[str], bool]


def nir_key(number: str) -> str:
    """Return the two-digit key of the 13 characters of a NIR (or NIA)."""
    department = number[5:7]
    return f"{97 - int(number[:5] + _CORSICA.get(department, department) + number[7:13]) % 97:02}"


def luhn(digits: str) -> bool:
    """Tell whether the last digit is the Luhn key of the others."""
    total = 0
    for rank, character in enumerate(reversed(digits)):
        digit = int(character) * (1 + rank % 2)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def number_rules(visit: Visit) -> Iterator[Finding]:
    """Yield what is wrong with the value of one Identifier."""
    system, value = visit.value.get("system"), visit.value.get("value")
    number = _NUMBERS.get(system) if isinstance(system, str) else None
    if number is None or not isinstance(value, str):
        return
    if not number.form.fullmatch(value):
        yield Finding(f"{visit.path}.value", f"{number.name}-format")
    elif not number.has_right_key(value):
        yield Finding(f"{visit.path}.value", f"{number.name}-key", "warning")


def _right_nir(value: str) -> bool:
    return nir_key(value) == value[13:]


def _right_finess(value: str) -> bool:
    return luhn(value.translate(_LETTERS))


def _right_siren(value: str) -> bool:
    """The first 9 digits of a SIRET are a SIREN."""
    if value.startswith(_LA_POSTE) and len(value) > len(_LA_POSTE):
        return luhn(value) or sum(map(int, value)) % 5 == 0
    return luhn(value[:9]) and luhn(value)


def _right_professional(value: str) -> bool:
    """IDNPS: 8 and a RPPS; the other prefixes (0 and ADELI, internal numbers) bear no key."""
    return luhn(value[1:]) if value.startswith("8") else True


def _right_structure(value: str) -> bool:
    """IDNST: 1 and a FINESS, 2 and a SIREN, 3 and a SIRET, 4 and the rank of a RPPS."""
    keys = {"1": _right_finess, "2": _right_siren, "3": _right_siren, "4": _right_rank}
    return keys[value[0]](value[1:])


def _right_rank(value: str) -> bool:
    """A RPPS and the rank of one of its places of work."""
    return luhn(value[:11])


_FINESS_FORM = r"(\d{2}|2[AB])\d{7}"
_NIR = Number("nir", re.compile(r"[1-478]\d{4}(\d\d|2[AB])\d{6}\d\d", re.ASCII), _right_nir)
_NUMBERS: Mapping[str, Number] = {
    **{f"{_INS}{arc}": _NIR for arc in (8, 9, 10, 11, 13, 14)},
    "https://finess.esante.gouv.fr": Number("finess", re.compile(_FINESS_FORM, re.ASCII), _right_finess),
    # SIREN and SIRET share a system; the official examples give either as type SIREN.
    "https://sirene.fr": Number("siren", re.compile(r"\d{9}(\d{5})?", re.ASCII), _right_siren),
    "https://rpps.esante.gouv.fr": Number("rpps", re.compile(r"\d{11}", re.ASCII), luhn),
    "https://rppsrang.esante.gouv.fr": Number("rpps-rank", re.compile(r"\d{14}", re.ASCII), _right_rank),
    "urn:oid:1.2.250.1.71.4.2.1": Number(
        "idnps", re.compile(r"8\d{11}|0[0-9A-Z]{9}|[1-79]\S+", re.ASCII), _right_professional
    ),
    "urn:oid:1.2.250.1.71.4.2.2": Number(
        "idnst", re.compile(rf"1{_FINESS_FORM}|2\d{{9}}|3\d{{14}}|4\d{{14}}", re.ASCII), _right_structure
    ),
}
