"""Whether a resource meets one criterion of a search: yes, no, or None where the server decides.

Spec: https://hl7.org/fhir/R4/search.html#ptypes
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from lab.checks import date_range, quantities
from lab.checks.element_values import texts, tokens, values
from lab.checks.folding import begins

Resource = dict[str, Any]


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """Return what several values of one element come to: one that matches is enough."""
    told = list(answers)
    return True if True in told else (None if None in told else False)


def all_of(answers: Iterable[bool | None]) -> bool | None:
    """Return what several criteria come to: one that does not match is enough."""
    told = list(answers)
    return False if False in told else (None if None in told else True)


def token_matches(resource: Resource, path: str, system: str | None, code: str | None) -> bool | None:
    """Tell whether an element has a token; None for either means any, an empty system means none.

    Whether letter case counts is defined by each code system: a value that differs by it alone may be found.
    """
    held = [pair for pair in tokens(resource, path) if system is None or pair[0] == system]
    if code is None:
        return bool(held)
    if any(pair[1] == code for pair in held):
        return True
    return None if any(pair[1].casefold() == code.casefold() for pair in held) else False


def code_matches(resource: Resource, path: str, code: str) -> bool:
    """Tell whether an element of the type code is this one."""
    return code in texts(resource, path)


def string_matches(resource: Resource, path: str, value: str) -> bool | None:
    """Tell whether a string begins so, whatever its case and accents."""
    return any_of(begins(text, value) for text in texts(resource, path))


def date_matches(resource: Resource, paths: Iterable[str], asked: str) -> bool | None:
    """Tell whether a date matches ``[prefix][date]``."""
    prefix = asked[:2] if asked[:2].isalpha() else ""
    search = date_range.date_range(asked.removeprefix(prefix))
    if search is None:
        return None
    held = [date_range.date_range(value) for path in paths for value in values(resource, path)]
    return any_of(None if target is None else date_range.compared(prefix, search, target) for target in held)


def quantity_matches(resource: Resource, path: str, asked: str) -> bool | None:
    """Tell whether a quantity matches ``[prefix][number]|[system]|[code]``."""
    said, _, unit = asked.partition("|")
    prefix = said[:2] if said[:2].isalpha() else ""
    system, _, code = unit.partition("|")
    number = Decimal(said.removeprefix(prefix))
    held = [quantity for quantity in values(resource, path) if isinstance(quantity, dict)]
    return any_of(_quantity(quantity, prefix, number, system or None, code or None) for quantity in held)


def _quantity(
    quantity: Resource, prefix: str, asked: Decimal, system: str | None, code: str | None
) -> bool | None:
    held = quantities.number(quantity.get("value"))
    unit = quantities.in_unit(quantity, system, code)
    if held is None or unit is False:
        return False
    if "comparator" in quantity or unit is None:
        return None
    return quantities.compared(prefix, asked, held)
